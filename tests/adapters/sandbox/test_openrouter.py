"""The OpenRouter stand-in: strict about requests, and each row of its tables in the documented shape."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from PIL import Image

from nproxy_sandbox.openrouter.faults import ODDITIES, REFUSALS
from nproxy_sandbox.testing import Running, running_openrouter

MODEL = "google/gemini-nano-banana-2.1"
KEY = "sk-or-v1-sandbox-ok-x"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running_openrouter(flat_bytes=60_000) as running:
        yield running


@pytest.fixture
async def session(server: Running) -> AsyncIterator[aiohttp.ClientSession]:
    server.control.reset()
    async with aiohttp.ClientSession(trust_env=False) as session:
        yield session


async def ask(
    session: aiohttp.ClientSession, server: Running, key: str = KEY, **more: Any
) -> tuple[int, Any, Any]:
    body = {"model": MODEL, "prompt": "a fox", "n": 1} | more
    headers = {"Authorization": f"Bearer {key}"}
    async with session.post(f"{server.base_url}/images", json=body, headers=headers) as response:
        return response.status, await response.json(), response.headers


def source(media_type: str = "image/png", data: bytes | None = None) -> dict[str, Any]:
    if data is None:
        stream = BytesIO()
        Image.new("RGB", (60, 80), "teal").save(stream, "PNG")
        data = stream.getvalue()
    url = f"data:{media_type};base64,{base64.b64encode(data).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


async def test_a_picture_comes_with_its_price(session: aiohttp.ClientSession, server: Running) -> None:
    status, answer, _ = await ask(session, server, resolution="2K", aspect_ratio="16:9", user="3f2a")
    assert status == 200
    picture = Image.open(BytesIO(base64.b64decode(answer["data"][0]["b64_json"])))
    assert (picture.size, answer["data"][0]["media_type"]) == ((2752, 1536), "image/jpeg")
    assert answer["usage"]["cost"] == pytest.approx(0.0504, abs=0.001)


async def test_without_a_ratio_it_follows_the_last_source(
    session: aiohttp.ClientSession, server: Running
) -> None:
    _, answer, _ = await ask(session, server, input_references=[source()])
    assert Image.open(BytesIO(base64.b64decode(answer["data"][0]["b64_json"]))).size == (896, 1200)


@pytest.mark.parametrize(
    ("more", "status", "kind"),
    [
        ({"prompt": " "}, 400, "invalid_request"),
        ({"prompt": None}, 400, "invalid_request"),
        ({"n": 2}, 400, "invalid_request"),
        ({"resolution": "2k"}, 400, "invalid_request"),
        ({"resolution": "512"}, 400, "invalid_request"),
        ({"aspect_ratio": "auto"}, 400, "invalid_request"),
        ({"size": "1024x1024", "resolution": "1K"}, 400, "invalid_request"),
        ({"user": "x" * 300}, 400, "invalid_request"),
        ({"strength": 0.5}, 400, "invalid_request"),
        ({"input_references": "x"}, 400, "invalid_request"),
        ({"input_references": [source()] * 15}, 400, "invalid_request"),
        ({"input_references": [{"url": "x"}]}, 400, "invalid_request"),
        ({"input_references": [source("image/jpg")]}, 400, "image_download_failed"),
        ({"input_references": [source(data=b"no picture")]}, 400, "invalid_image"),
        ({"model": "google/gemini-of-tomorrow"}, 404, "not_found"),
        ({"model": "gemini-nano-banana-2.1"}, 404, "not_found"),
    ],
)
async def test_a_wrong_request_is_refused(
    session: aiohttp.ClientSession, server: Running, more: dict[str, Any], status: int, kind: str
) -> None:
    found, answer, _ = await ask(session, server, **more)
    assert (found, answer["error"]["metadata"]["error_type"]) == (status, kind)


@pytest.mark.parametrize("fault", REFUSALS)
async def test_every_refusal_has_the_documented_shape(
    session: aiohttp.ClientSession, server: Running, fault: str
) -> None:
    status, answer, headers = await ask(session, server, key=f"sk-or-v1-sandbox-{fault}-x")
    assert status == answer["error"]["code"] >= 400
    assert answer["error"]["message"]
    assert ("Retry-After" in headers) is (fault in {"in_flight", "rate_limited", "capacity", "overloaded"})


@pytest.mark.parametrize("fault", ODDITIES)
async def test_every_oddity_is_a_200(session: aiohttp.ClientSession, server: Running, fault: str) -> None:
    status, answer, _ = await ask(session, server, key=f"sk-or-v1-sandbox-{fault}-x")
    assert status == 200
    assert answer.keys() & {"data", "error"}


async def test_a_key_is_asked_for(session: aiohttp.ClientSession, server: Running) -> None:
    for path, method in (("/images", "POST"), ("/key", "GET"), ("/credits", "GET")):
        async with session.request(method, server.base_url + path) as response:
            assert response.status == 401
    async with session.get(f"{server.base_url}/models") as response:
        assert response.status == 200, "the list is open to everybody"


async def test_credits_are_for_management_keys(session: aiohttp.ClientSession, server: Running) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with session.get(f"{server.base_url}/credits", headers=headers) as response:
        assert response.status == 403


async def test_a_misspelt_fault_does_not_pass_for_a_good_key(
    session: aiohttp.ClientSession, server: Running
) -> None:
    status, _, headers = await ask(session, server, key="sk-or-v1-sandbox-polcy-x")
    assert (status, headers["X-Sandbox-Unknown-Fault"]) == (401, "polcy")


async def test_endpoints_name_who_serves_a_model(session: aiohttp.ClientSession, server: Running) -> None:
    async with session.get(f"{server.base_url}/images/models/{MODEL}/endpoints") as response:
        assert (await response.json())["data"]["endpoints"][0]["tag"] == "google-ai-studio"
    async with session.get(f"{server.base_url}/images/models/google/nothing/endpoints") as response:
        assert response.status == 404
