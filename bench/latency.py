"""Added latency: from submit to the fetched picture, against asking the provider directly in the same run."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from uuid import uuid4

import aiohttp
from django.conf import settings
from django.middleware.csrf import _get_new_csrf_string

from bench.figures import milliseconds, percentile
from bench.people import SECRETS, Person, make_person
from bench.stack import PICTURE_BYTES, Stack

PROVIDER_SECONDS = 1.0
REQUESTS = {1: 20, 16: 320, 64: 640}
CSRF = _get_new_csrf_string()

Draw = Callable[[int], Awaitable[None]]


def measure(stack: Stack, scale: float) -> Iterator[dict[str, object]]:
    stack.latency(PROVIDER_SECONDS)
    people = [make_person() for _ in range(max(REQUESTS))]
    with stack.process("nproxy.cli", "worker"):
        for at_once, requests in REQUESTS.items():
            wanted = max(at_once, int(requests * scale))
            yield asyncio.run(_compare(stack, people, SECRETS[0], at_once, wanted))


async def _compare(
    stack: Stack, people: list[Person], secret: str, at_once: int, requests: int
) -> dict[str, object]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        direct = await _timed(lambda _: _directly(http, stack.provider, secret), at_once, requests)
        through = await _timed(lambda lane: _through(http, stack.site, people[lane]), at_once, requests)
    floor = percentile(direct, 0.5)
    return {
        "row": "added latency",
        "concurrency": at_once,
        "requests": requests,
        "direct_p50_ms": milliseconds(floor),
        "direct_p95_ms": milliseconds(percentile(direct, 0.95)),
        "added_p50_ms": milliseconds(percentile(through, 0.5) - floor),
        "added_p95_ms": milliseconds(percentile(through, 0.95) - floor),
    }


async def _timed(draw: Draw, at_once: int, requests: int) -> list[float]:
    """Seconds of each request, `at_once` of them in flight all the time, their starts spread over the first second."""
    numbers = count()
    seconds: list[float] = []

    async def lane(number: int) -> None:
        await asyncio.sleep(PROVIDER_SECONDS * number / at_once)
        await draw(number)  # connections and caches are warm after it; not counted
        while next(numbers) < requests:
            began = time.perf_counter()
            await draw(number)
            seconds.append(time.perf_counter() - began)

    await asyncio.gather(*(lane(number) for number in range(at_once)))
    return seconds


async def _directly(http: aiohttp.ClientSession, provider: str, secret: str) -> None:
    """What the thinnest client does: ask, read the answer, decode the picture."""
    body = {
        "contents": [{"role": "user", "parts": [{"text": "a banana"}]}],
        "generationConfig": {"responseModalities": ["IMAGE"], "imageConfig": {"imageSize": "1K"}},
    }
    address = f"{provider}/v1beta/models/{settings.NPROXY_GEMINI_MODEL}:generateContent"
    async with http.post(address, json=body, headers={"x-goog-api-key": secret}) as answer:
        parts = json.loads(await answer.read())["candidates"][0]["content"]["parts"]
    [picture] = [part["inlineData"]["data"] for part in parts if "inlineData" in part]
    assert len(base64.b64decode(picture)) > PICTURE_BYTES * 0.9


async def _through(http: aiohttp.ClientSession, site: str, person: Person) -> None:
    """What a page does: send, wait on the long poll, fetch the original."""
    cookies = f"{settings.SESSION_COOKIE_NAME}={person.session}; {settings.CSRF_COOKIE_NAME}={CSRF}"
    headers = {"Cookie": cookies, "X-CSRFToken": CSRF, "Accept": "application/json", "Referer": site}
    form = {
        "prompt": "a banana",
        "mode": "text_to_image",
        "resolution": "1K",
        "aspect_ratio": "1:1",
        "batch_size": "1",
        "client_id": str(uuid4()),
    }
    address = f"{site}/chat/{person.conversation}/turns/"
    async with http.post(address, data=form, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        wish = (await answer.json())["generations"][0]["id"]
    picture = await _awaited(http, site, headers, wish)
    async with http.get(f"{site}{picture}", headers=headers) as answer:
        assert answer.status == 200
        assert len(await answer.read()) > PICTURE_BYTES * 0.9


async def _awaited(http: aiohttp.ClientSession, site: str, headers: dict[str, str], wish: str) -> str:
    cursor = 0
    while True:
        address = f"{site}/updates/?after={cursor}&wait=25"
        async with http.get(address, headers=headers) as answer:
            if answer.status == 204:
                continue
            news = await answer.json()
        cursor = news["cursor"]
        for box in news["generations"]:
            if box["id"] == wish and box["image"]:
                return str(box["image"]["url"])
            assert box["id"] != wish or box["status"] in {"queued", "running"}, box
