"""One aiohttp session per name, proxy and event loop, closed by the loop itself when it shuts down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from types import SimpleNamespace
from weakref import WeakKeyDictionary

import aiohttp

from nproxy.kit.http.connectors import connector
from nproxy.kit.http.gate import ByteGate
from nproxy.kit.http.progress import Phase
from nproxy.kit.http.proxies import ProxyAddress

# Pictures on their way from the wire into the store: what a worker weighs above its own hundred megabytes.
READ_BUDGET = 128 * 1024 * 1024
READ_BUFFER = 64 * 1024

_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, ByteGate] = WeakKeyDictionary()
_Place = tuple[asyncio.AbstractEventLoop, str, ProxyAddress | None]
_sessions: dict[_Place, _Kept] = {}


@dataclass(frozen=True, slots=True)
class _Kept:
    """A session and the generator that closes it; the loop finishes its generators when it ends."""

    session: aiohttp.ClientSession
    keeper: AsyncGenerator[aiohttp.ClientSession]


def gate() -> ByteGate:
    """The running loop's budget for answers being read."""
    return _gates.setdefault(asyncio.get_running_loop(), ByteGate(READ_BUDGET))


async def session(name: str, proxy: ProxyAddress | None = None) -> aiohttp.ClientSession:
    """The running loop's session for the party called `name` by way of `proxy`, its connections kept alive."""
    place = (asyncio.get_running_loop(), name, proxy)
    if place not in _sessions:
        keeper = _keep(place)
        _sessions[place] = _Kept(await anext(keeper), keeper)
    return _sessions[place].session


async def _keep(place: _Place) -> AsyncGenerator[aiohttp.ClientSession]:
    session = _open(place[2])
    try:
        yield session
    finally:
        del _sessions[place]
        await session.close()


def _open(proxy: ProxyAddress | None) -> aiohttp.ClientSession:
    # No environment proxies, no shared cookies.
    return aiohttp.ClientSession(
        connector=connector(proxy),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity", "User-Agent": "nproxy"},
        read_bufsize=READ_BUFFER,
        trace_configs=[_trace()],
        trust_env=False,
    )


def _trace() -> aiohttp.TraceConfig:
    async def connected(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
        context.trace_request_ctx.to(Phase.SENDING)

    async def sent(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
        context.trace_request_ctx.headers_sent()

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(connected)
    trace.on_connection_reuseconn.append(connected)
    trace.on_request_headers_sent.append(sent)
    return trace
