"""Every phase of an exchange has its own time limit, so that whoever hangs costs seconds, wherever he hangs."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from nproxy.kit.http import proxies
from nproxy.kit.http.exchange import TimeLimits, exchange
from nproxy.kit.http.failures import ExchangeFailed, FailureKind
from nproxy.kit.http.proxies import ProxyAddress
from nproxy_sandbox.testing import Running, RunningProxy

KINDS = ["http", "https", "socks5"]
LONG = 60.0
# What hangs costs so many seconds: where nothing has to work before it, and where a busy machine has to get as far.
AT_ONCE, SHORT = 0.3, 3.0
SLOW = 2.5


async def failure(
    url: str, limits: TimeLimits, proxy: ProxyAddress | None = None, body: bytes = b"x"
) -> ExchangeFailed:
    """How a POST ends that gets no whole answer."""
    with pytest.raises(ExchangeFailed) as failed:
        async with exchange("a", "POST", url, headers={}, limits=limits, proxy=proxy, body=body) as answer:
            await answer.whole(1_000_000)
    return failed.value


@contextmanager
def deaf() -> Iterator[int]:
    """A port whose line is full: TCP's first word gets no answer (Linux drops it)."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for one in (first, second):
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@contextmanager
def silent() -> Iterator[int]:
    """A port where TCP stands and nobody ever says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


async def test_a_target_that_does_not_answer_tcp_is_left() -> None:
    with deaf() as port:
        ended = await failure(f"http://127.0.0.1:{port}/", TimeLimits(AT_ONCE, LONG, LONG))
    assert (ended.kind, ended.sent, ended.is_on_the_proxy) == (FailureKind.CONNECT_TIMEOUT, False, False)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_that_does_not_answer_tcp_is_left(provider: Running, kind: str) -> None:
    with deaf() as port:
        proxy = proxies.parse(f"{kind}://127.0.0.1:{port}")
        ended = await failure(provider.base_url, TimeLimits(AT_ONCE, LONG, LONG), proxy)
    assert (ended.kind, ended.sent, ended.is_on_the_proxy) == (FailureKind.CONNECT_TIMEOUT, False, True)


@pytest.mark.parametrize(
    ("kind", "phase"),
    [
        ("http", FailureKind.ADMISSION_TIMEOUT),
        ("socks5", FailureKind.ADMISSION_TIMEOUT),
        ("https", FailureKind.TLS_TIMEOUT),
    ],
)
async def test_a_proxy_that_takes_the_call_and_says_nothing_is_left(
    provider: Running, kind: str, phase: FailureKind
) -> None:
    with silent() as port:
        proxy = proxies.parse(f"{kind}://127.0.0.1:{port}")
        ended = await failure(provider.base_url, TimeLimits(SHORT, LONG, LONG), proxy)
    assert (ended.kind, ended.sent, ended.is_on_the_proxy) == (phase, False, True)


@pytest.mark.parametrize(
    ("fault", "phase", "was_sent"),
    [
        ("hang", FailureKind.ADMISSION_TIMEOUT, False),
        ("hang_after_consent", FailureKind.TLS_TIMEOUT, False),
        ("stall_sending", FailureKind.WRITE_TIMEOUT, True),
    ],
)
async def test_a_proxy_that_hangs_later_is_left_too(
    proxy: RunningProxy, provider: Running, fault: str, phase: FailureKind, was_sent: bool
) -> None:
    by = proxies.parse(proxy.url(f"sandbox-{fault}-x"))
    limits = TimeLimits(connect=SHORT, write=SHORT, read=LONG)
    ended = await failure(f"{provider.base_url}/v1beta/models", limits, by, body=bytes(14_000_000))
    assert (ended.kind, ended.sent, ended.is_on_the_proxy) == (phase, was_sent, True)


async def test_silence_in_place_of_the_first_byte_is_the_targets() -> None:
    with silent() as port:
        ended = await failure(f"http://127.0.0.1:{port}/", TimeLimits(LONG, LONG, AT_ONCE))
    assert (ended.kind, ended.sent) == (FailureKind.READ_TIMEOUT, True)


async def test_a_body_in_drips_does_not_last_for_ever() -> None:
    async with dripping() as port:
        ended = await failure(f"http://127.0.0.1:{port}/", TimeLimits(LONG, LONG, AT_ONCE))
    assert (ended.kind, ended.sent) == (FailureKind.READ_TIMEOUT, True)


async def test_each_phase_has_the_whole_time_for_itself(proxy: RunningProxy, provider: Running) -> None:
    """A consent and a handshake that together take longer than either may."""
    by = proxies.parse(proxy.url(f"sandbox-slow_consent-{SLOW}s"))
    limits = TimeLimits(connect=1.8 * SLOW, write=LONG, read=LONG)
    port = provider.base_url.rpartition(":")[2]
    async with (
        hesitating(int(port)) as slow_port,
        exchange(
            "slow",
            "GET",
            provider.base_url.replace(port, str(slow_port)),
            headers={},
            limits=limits,
            proxy=by,
        ) as answer,
    ):
        assert answer.status == 200


@asynccontextmanager
async def hesitating(port: int) -> AsyncIterator[int]:
    """A way to `port` on which nothing moves at first."""

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(SLOW)
        there = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(pass_on(reader, there[1]), pass_on(there[0], writer))
        finally:
            there[1].transport.abort()

    async with serving(relay) as slow_port:
        yield slow_port


@asynccontextmanager
async def dripping() -> AsyncIterator[int]:
    """A server whose answer never ends and never pauses for long."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n")
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(AT_ONCE / 10)

    async with serving(drip) as port:
        yield port


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handle: Handler) -> AsyncIterator[int]:
    """A server that leaves nothing open."""
    visits: list[asyncio.Task[None]] = []

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        finally:
            writer.transport.abort()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append(asyncio.create_task(visit(reader, writer)))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        for one in visits:
            one.cancel()
        await asyncio.gather(*visits, return_exceptions=True)
