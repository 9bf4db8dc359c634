"""The stand-in's own addresses: for scripts, and for people."""

from __future__ import annotations

import aiohttp

from nproxy_sandbox.gemini.faults import SAYS
from nproxy_sandbox.testing import Running

PATH = "/v1beta/models/gemini-nano-banana-2.1:generateContent"


async def ask(session: aiohttp.ClientSession, key: str = "AQ.sandbox-ok-1", prompt: str = "a fox") -> int:
    body = {"contents": [{"parts": [{"text": prompt}]}]}
    async with session.post(PATH, json=body, headers={"x-goog-api-key": key}) as response:
        await response.read()
        return response.status


async def test_a_fault_is_ordered_and_taken_back_over_http(session: aiohttp.ClientSession) -> None:
    order = {"key": "AQ.sandbox-ok-1", "fault": "high_demand", "times": 2}
    async with session.post("/sandbox/faults", json=order) as response:
        assert await response.json() == {"ok": True}
    assert [await ask(session) for _ in range(3)] == [503, 503, 200]
    await session.post("/sandbox/faults", json={"key": "*", "fault": "depleted"})
    async with session.get("/sandbox/faults") as response:
        answer = await response.json()
    assert answer["faults"] == SAYS
    assert [order["fault"] for order in answer["orders"]] == ["depleted"]
    assert await ask(session) == 402
    await session.post("/sandbox/faults", json={"key": "*", "fault": None})
    assert await ask(session) == 200


async def test_a_bad_order_is_refused(session: aiohttp.ClientSession, gemini: Running) -> None:
    for order in ({"fault": "no_such"}, {"fault": "internal", "times": "many"}, [1]):
        async with session.post("/sandbox/faults", json=order) as response:
            assert response.status == 400
    async with session.post(
        "/sandbox/faults", data="{", headers={"Content-Type": "application/json"}
    ) as response:
        assert response.status == 400
    async with session.post("/sandbox/latency", json={"seconds": "soon"}) as response:
        assert response.status == 400
    assert gemini.control.orders() == []


async def test_the_latency_is_set_and_reset(session: aiohttp.ClientSession, gemini: Running) -> None:
    await session.post("/sandbox/latency", json={"seconds": 0.05})
    assert gemini.control.latency == 0.05
    assert await ask(session) == 200
    await session.post("/sandbox/reset", json={})
    assert gemini.control.latency == 0
    assert gemini.control.calls() == []


async def test_the_log_shows_the_calls_without_their_secrets(session: aiohttp.ClientSession) -> None:
    await ask(session)
    await ask(session, key="AQ.sandbox-suspended-secret")
    async with session.get("/sandbox/log") as response:
        raw = await response.text()
        fine, refused = (await response.json())["calls"]
    assert (fine["fault"], fine["status"], fine["width"]) == (None, 200, 1024)
    assert (refused["fault"], refused["status"], refused["key_tail"]) == ("suspended", 403, "cret")
    assert fine["prompt_digest"] == refused["prompt_digest"]
    assert "AQ.sandbox" not in raw


async def test_the_page_shows_pictures_calls_and_forms(session: aiohttp.ClientSession) -> None:
    async with session.get("/") as response:
        assert "Nothing was drawn yet" in await response.text()
    await ask(session, prompt="<script>a fox</script>")
    form = {"fault": "internal", "key": "*", "times": "", "seconds": ""}
    async with session.post("/sandbox/faults", data=form) as response:
        page = await response.text()
    assert response.url.path == "/"
    assert "&lt;script&gt;a fox" in page
    assert "<script>" not in page
    assert '<img loading="lazy" src="/sandbox/pictures/1"' in page
    assert "<td>internal</td>" in page
    async with session.get("/sandbox/pictures/1") as response:
        assert (response.status, response.content_type) == (200, "image/jpeg")
    async with session.get("/sandbox/pictures/99") as response:
        assert response.status == 404
