"""Gemini stand-ins without latency, shared by the tests of this folder, and fresh for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import aiohttp
import pytest

from nproxy_sandbox.testing import Running, running_gemini

FLAT_BYTES = 400_000


@pytest.fixture(scope="package")
def _servers() -> Iterator[dict[bool, Running]]:
    with running_gemini() as drawing, running_gemini(flat_bytes=FLAT_BYTES) as flat:
        yield {False: drawing, True: flat}


@pytest.fixture
def gemini(_servers: dict[bool, Running], request: pytest.FixtureRequest) -> Running:
    """A stand-in that knows of nothing yet; under `usefixtures("flat")` one that draws nothing anew."""
    server = _servers["flat" in request.fixturenames]
    server.control.reset()
    return server


@pytest.fixture
def flat() -> None:
    """Asked for by tests to which it is all the same what the picture shows."""


@pytest.fixture
async def session(gemini: Running) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(gemini.base_url, trust_env=False) as session:
        yield session


@pytest.fixture
def ask(session: aiohttp.ClientSession) -> Callable[[str], Awaitable[tuple[aiohttp.ClientResponse, bytes]]]:
    """Ask for a fox with a key whose text orders the given fault."""

    async def post(fault: str) -> tuple[aiohttp.ClientResponse, bytes]:
        body = {"contents": [{"role": "user", "parts": [{"text": "a fox"}]}]}
        headers = {"x-goog-api-key": f"AQ.sandbox-{fault}-x"}
        path = "/v1beta/models/gemini-nano-banana-2.1:generateContent"
        async with session.post(path, json=body, headers=headers) as response:
            return response, await response.read()

    return post
