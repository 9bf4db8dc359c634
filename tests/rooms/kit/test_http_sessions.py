"""Sessions: one per name and loop, and nobody has to remember to close them."""

from __future__ import annotations

import asyncio

import aiohttp

from nproxy.kit.http import sessions


def test_a_session_lives_as_long_as_its_loop() -> None:
    async def ask() -> aiohttp.ClientSession:
        first, second, other = [await sessions.session(name) for name in ("a", "a", "b")]
        assert first is second
        assert first is not other
        assert not first.closed
        return first

    kept = [asyncio.run(ask()), asyncio.run(ask())]
    assert kept[0] is not kept[1]
    assert all(session.closed for session in kept)
    assert not sessions._sessions


async def test_sessions_take_nothing_from_the_environment_and_keep_no_cookies() -> None:
    session = await sessions.session("a")
    assert not session.trust_env
    assert isinstance(session.cookie_jar, aiohttp.DummyCookieJar)
    assert session.headers["Accept-Encoding"] == "identity"
