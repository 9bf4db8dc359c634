"""One aiohttp session per name and event loop, closed by the loop itself when it shuts down."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from types import SimpleNamespace
from weakref import WeakKeyDictionary

import aiohttp

from nproxy.kit.http.gate import ByteGate

READ_BUDGET = 256 * 1024 * 1024
READ_BUFFER = 256 * 1024
QUIET_SECONDS = 30  # of silence, then TCP asks whether the other side still lives: pictures take minutes

_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, ByteGate] = WeakKeyDictionary()
_sessions: dict[tuple[asyncio.AbstractEventLoop, str], _Kept] = {}


@dataclass(frozen=True, slots=True)
class _Kept:
    """A session and the generator that closes it; the loop finishes its generators when it ends."""

    session: aiohttp.ClientSession
    keeper: AsyncGenerator[aiohttp.ClientSession]


@dataclass(slots=True)
class Progress:
    """How far a request has come: passed as `trace_request_ctx`, filled in by the session."""

    connected: bool = False
    sent: bool = False


def gate() -> ByteGate:
    """The running loop's budget for answers being read."""
    return _gates.setdefault(asyncio.get_running_loop(), ByteGate(READ_BUDGET))


async def session(name: str) -> aiohttp.ClientSession:
    """The running loop's session called `name`: one per provider and route, its connections kept alive."""
    place = (asyncio.get_running_loop(), name)
    if place not in _sessions:
        keeper = _keep(place)
        _sessions[place] = _Kept(await anext(keeper), keeper)
    return _sessions[place].session


async def _keep(place: tuple[asyncio.AbstractEventLoop, str]) -> AsyncGenerator[aiohttp.ClientSession]:
    session = _open()
    try:
        yield session
    finally:
        del _sessions[place]
        await session.close()


def _open() -> aiohttp.ClientSession:
    # No environment proxies, no shared cookies, no limit on connections (the worker limits its work).
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, socket_factory=_socket),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity", "User-Agent": "nproxy"},
        read_bufsize=READ_BUFFER,
        trace_configs=[_trace()],
        trust_env=False,
    )


def _socket(address: aiohttp.AddrInfoType) -> socket.socket:
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, QUIET_SECONDS)
    return made


def _trace() -> aiohttp.TraceConfig:
    async def connected(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
        context.trace_request_ctx.connected = True

    async def sent(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
        context.trace_request_ctx.sent = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(connected)
    trace.on_connection_reuseconn.append(connected)
    trace.on_request_headers_sent.append(sent)
    return trace
