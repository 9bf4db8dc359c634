"""The proxy stand-in as its clients meet it, byte by byte: what it says to a wish, and how it fails."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator

import pytest

from nproxy_sandbox.testing import Running, RunningProxy, running_gemini, running_proxy

PATIENCE = 30.0


@pytest.fixture(scope="module")
def target() -> Iterator[Running]:
    with running_gemini(flat_bytes=60_000) as running:
        yield running


@pytest.fixture(scope="module")
def http() -> Iterator[RunningProxy]:
    with running_proxy("http") as running:
        yield running


@pytest.fixture(scope="module")
def socks() -> Iterator[RunningProxy]:
    with running_proxy("socks5") as running:
        yield running


async def said(proxy: RunningProxy, *words: bytes, size: int = 2**20, seconds: float = PATIENCE) -> bytes:
    """What the proxy answers until it ends the connection, at most the first `size` bytes; b"RST" if it resets
    the connection without an answer. Each word is said when the one before has been answered.

    Raises TimeoutError when it does neither for so long.
    """
    host, port = proxy.address.split("://")[1].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    heard, unsaid = b"", list(words)
    try:
        async with asyncio.timeout(seconds):
            while len(heard) < size:
                if unsaid:
                    writer.write(unsaid.pop(0))
                if not (more := await reader.read(size - len(heard))):
                    break
                heard += more
    except ConnectionError:
        # Who still talks to a proxy that has answered and closed is reset by its system.
        heard = heard or b"RST"
    finally:
        writer.close()
    return heard


def connect(user: str, target: str = "127.0.0.1:1") -> bytes:
    login = base64.b64encode(f"{user}:any".encode()).decode()
    return (
        f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nProxy-Authorization: Basic {login}\r\n\r\n".encode()
    )


def socks_words(user: str, port: int = 1) -> tuple[bytes, bytes, bytes]:
    login = bytes([1, len(user)]) + user.encode() + b"\x03any"
    return b"\x05\x01\x02", login, b"\x05\x01\x00\x01\x7f\x00\x00\x01" + port.to_bytes(2, "big")


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("auth", b"HTTP/1.1 407 "),
        ("forbidden", b"HTTP/1.1 403 "),
        ("bad_gateway", b"HTTP/1.1 502 "),
        ("unavailable", b"HTTP/1.1 503 "),
        ("garbage", b"\x00\x01"),
        ("refused", b"RST"),
        ("hang_after_consent", b"HTTP/1.1 200 "),
    ],
)
async def test_connect_is_refused_in_http(http: RunningProxy, fault: str, answer: bytes) -> None:
    assert await said(http, connect(f"sandbox-{fault}-x"), size=len(answer)) == answer


async def test_connect_may_be_closed_without_a_word(http: RunningProxy) -> None:
    assert await said(http, connect("sandbox-closed-x")) == b""


async def test_connect_may_meet_nothing_at_all(http: RunningProxy) -> None:
    with pytest.raises(TimeoutError):
        await said(http, connect("sandbox-hang-x"), seconds=0.3)


@pytest.mark.parametrize(
    ("fault", "reply"), [("forbidden", 2), ("bad_gateway", 5), ("unavailable", 1), ("hang_after_consent", 0)]
)
async def test_socks_has_numbers_for_it(socks: RunningProxy, fault: str, reply: int) -> None:
    heard = await said(socks, *socks_words(f"sandbox-{fault}-x"), size=6)
    assert heard == b"\x05\x02\x01\x00" + bytes([5, reply])


async def test_socks_turns_away_a_bad_login(socks: RunningProxy) -> None:
    assert await said(socks, *socks_words("sandbox-auth-x")) == b"\x05\x02\x01\x01"


async def test_a_tunnel_leads_to_the_target(http: RunningProxy, socks: RunningProxy, target: Running) -> None:
    address = target.base_url.removeprefix("http://")
    ask = f"GET /sandbox/faults HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode()
    assert b'"faults"' in await said(http, connect("sandbox-ok-x", address), ask)
    words = socks_words("sandbox-ok-x", int(address.split(":")[1]))
    assert b'"faults"' in await said(socks, *words, ask)
    assert http.control.calls()[-1].model == address


async def test_nobody_at_the_target_is_a_refusal(http: RunningProxy, socks: RunningProxy) -> None:
    assert (await said(http, connect("sandbox-ok-x"))).startswith(b"HTTP/1.1 502 ")
    assert (await said(socks, *socks_words("sandbox-ok-x")))[5] == 4


async def test_only_tunnels_are_served(http: RunningProxy) -> None:
    heard = await said(http, b"GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 501 ")


async def test_another_protocol_is_closed_upon(socks: RunningProxy) -> None:
    assert await said(socks, b"\x04\x01\x00\x50") == b""


async def test_one_login_may_be_asked_for() -> None:
    with running_proxy("http", login=("me", "any")) as proxy:
        assert (await said(proxy, connect("me"))).startswith(b"HTTP/1.1 502 "), "let in, and nobody there"
        assert (await said(proxy, connect("you"))).startswith(b"HTTP/1.1 407 ")
        nobody = await said(proxy, b"CONNECT h:1 HTTP/1.1\r\n\r\n")
        assert b"Proxy-Authenticate: Basic" in nobody


async def test_an_order_meets_everybody(http: RunningProxy) -> None:
    http.control.order("bad_gateway", times=1)
    assert (await said(http, connect("sandbox-ok-x"))).startswith(b"HTTP/1.1 502 ")
    assert http.control.calls()[-1].fault == "bad_gateway"
