"""Sessions: one per name and loop, and nobody has to remember to close them."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import aiohttp
import pytest

from nproxy.kit.http import sessions
from nproxy.kit.http.connectors import connector
from nproxy.kit.http.proxies import ProxyAddress
from nproxy_sandbox.certificates import make_certificates

HTTP = ProxyAddress("http", "proxy.example.com", 3128, "me", "secret")
SOCKS = ProxyAddress("socks5", "proxy.example.com", 1080)


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


async def test_each_party_by_each_proxy_has_its_own_connections() -> None:
    ways = [("a", None), ("a", HTTP), ("a", SOCKS), ("b", HTTP)]
    first = [await sessions.session(name, proxy) for name, proxy in ways]
    again = [await sessions.session(name, proxy) for name, proxy in ways]
    assert first == again
    assert len({id(session.connector) for session in first}) == len(ways)


async def test_all_of_a_loop_trust_the_same_authorities() -> None:
    made = [connector(proxy) for proxy in (None, HTTP, SOCKS)]
    assert len({id(one._ssl) for one in made}) == 1
    for one in made:
        await one.close()


async def test_an_authority_of_ones_own_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(make_certificates(tmp_path, "localhost").authority))
    one = connector(None)
    assert isinstance(one._ssl, ssl.SSLContext)
    names = [dict(pair[0] for pair in found["subject"]) for found in one._ssl.get_ca_certs()]
    assert {"commonName": "nproxy sandbox CA"} in names
    await one.close()
