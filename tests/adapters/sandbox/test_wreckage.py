"""What happens to answers on their way: front ends, broken connections, bodies too large."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from nproxy_sandbox.testing import Running
from nproxy_sandbox.wreckage import WRECKS

Ask = Callable[[str], Awaitable[tuple[aiohttp.ClientResponse, bytes]]]

pytestmark = pytest.mark.usefixtures("flat")

PATH = "/v1beta/models/gemini-nano-banana-2.1:generateContent"
BODY = {"contents": [{"parts": [{"text": "a fox"}]}]}


@pytest.mark.parametrize(
    ("fault", "status", "media_type", "words"),
    [
        ("sorry", 403, "text/html", b"automated queries"),
        ("html_500", 500, "text/html", b"Error 500"),
        ("html_502", 502, "text/html", b"Bad Gateway"),
        ("html_200", 200, "text/html", b"Welcome"),
        ("text_503", 503, "text/plain", b"upstream connect error"),
        ("text_413", 413, "text/plain", b"Too Large"),
        ("empty_500", 500, "text/plain", b""),
        ("empty_200", 200, "text/plain", b""),
    ],
)
async def test_a_front_end_may_answer(
    ask: Ask, fault: str, status: int, media_type: str, words: bytes
) -> None:
    response, raw = await ask(fault)
    assert (response.status, response.content_type) == (status, media_type)
    assert words in raw
    assert bool(words) == bool(raw)


async def test_a_redirect_points_into_the_trap(session: aiohttp.ClientSession, gemini: Running) -> None:
    headers = {"x-goog-api-key": "AQ.sandbox-redirect-x"}
    async with session.post(PATH, json=BODY, headers=headers, allow_redirects=False) as response:
        assert response.status == 302
        assert response.headers["Location"] == f"{gemini.base_url}/sandbox/trap"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("reset", aiohttp.ClientOSError),
        ("closed", aiohttp.ServerDisconnectedError),
        ("reset_mid_body", aiohttp.ClientPayloadError),
        ("closed_mid_body", aiohttp.ClientPayloadError),
        ("hang-0.05s", aiohttp.ServerDisconnectedError),
        ("stall_mid_body-0.05s", aiohttp.ClientPayloadError),
    ],
)
async def test_a_connection_may_break(ask: Ask, fault: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await ask(fault)


async def test_a_hang_lasts_until_the_caller_gives_up(
    session: aiohttp.ClientSession, gemini: Running
) -> None:
    headers = {"x-goog-api-key": "AQ.sandbox-hang-x"}
    with pytest.raises(TimeoutError):
        await session.post(PATH, json=BODY, headers=headers, timeout=aiohttp.ClientTimeout(total=0.3))
    assert gemini.control.calls()[-1].status is None


async def test_a_json_may_end_in_the_middle(ask: Ask) -> None:
    response, _ = await ask("truncated_json")
    assert response.status == 200
    with pytest.raises(ValueError, match="Unterminated"):
        await response.json()


async def is_drawn(response: aiohttp.ClientResponse) -> bool:
    (candidate,) = (await response.json())["candidates"]
    return candidate["finishReason"] == "STOP" and "inlineData" in candidate["content"]["parts"][-1]


async def test_a_trickle_is_whole_in_the_end(ask: Ask) -> None:
    response, _ = await ask("trickle-0.2s")
    assert await is_drawn(response)


@pytest.mark.parametrize(("fault", "size"), [("huge_60mb", 60_000_000), ("huge_70mb", 70_000_000)])
async def test_a_huge_answer_is_a_good_one(ask: Ask, fault: str, size: int) -> None:
    response, raw = await ask(fault)
    assert len(raw) == size
    assert await is_drawn(response)


async def test_an_answer_may_come_gzipped(ask: Ask) -> None:
    response, _ = await ask("gzip")
    assert response.headers["Content-Encoding"] == "gzip"
    assert await is_drawn(response)


async def test_a_gzipped_answer_may_be_a_bomb(gemini: Running) -> None:
    headers = {"x-goog-api-key": "AQ.sandbox-gzip_bomb-x"}
    async with (
        aiohttp.ClientSession(gemini.base_url, auto_decompress=False) as session,
        session.post(PATH, json=BODY, headers=headers) as response,
    ):
        assert response.headers["Content-Encoding"] == "gzip"
        assert len(await response.read()) < 3_000_000


def test_the_tests_here_name_every_wreck() -> None:
    text = Path(__file__).read_text("utf-8")
    assert [name for name in WRECKS if f'"{name}' not in text and f"sandbox-{name}-" not in text] == []
