"""One request, one answer: time limits per phase, no redirects, capped bodies, failures by name."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import aiohttp_socks

from nproxy.kit.http import sessions
from nproxy.kit.http.failures import ExchangeFailed, FailureKind
from nproxy.kit.http.progress import Phase, Progress, current
from nproxy.kit.http.proxies import ProxyAddress

# A body leaves in pieces of this size: what `TimeLimits.write` is the limit for.
PIECE = 64 * 1024
# TCP, the proxy's consent, and TLS with an https proxy and with the target.
CONNECTING_PHASES = 4
# What can go wrong on the network; aiohttp-socks has exceptions of its own kind.
SOCKS_ERRORS = (
    aiohttp_socks.ProxyConnectionError,
    aiohttp_socks.ProxyError,
    aiohttp_socks.ProxyTimeoutError,
    EOFError,
)
NETWORK_ERRORS = (aiohttp.ClientError, OSError, *SOCKS_ERRORS)  # TimeoutError is an OSError


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds per phase.

    `connect`: the name, and TCP to the proxy or the target; then as long for the proxy to let us through, and
    as long for each TLS handshake. `write`: standstill while sending, that is for one `PIECE` of the body.
    `read`: from the request to the answer's headers, and again for the body.
    """

    connect: float
    write: float
    read: float

    @property
    def until_headers(self) -> float:
        """The longest that an answer can be waited for, however evenly the delays are spread."""
        return CONNECTING_PHASES * self.connect + self.read

    @property
    def total(self) -> float:
        """The longest that an exchange can take."""
        return self.until_headers + self.read

    def of(self, phase: Phase) -> float:
        """For one phase."""
        if phase.is_on_the_road:
            return self.connect
        return self.write if phase is Phase.SENDING else self.read


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose headers are in; its body is still on the wire."""

    status: int
    headers: Mapping[str, str]
    size: int | None
    _response: aiohttp.ClientResponse
    _limits: TimeLimits
    _via_proxy: bool

    async def whole(self, cap: int) -> bytearray:
        """The body; raises `ExchangeFailed` when it is longer than `cap` bytes, cut or too slow."""
        if (self.size or 0) > cap:
            raise self._too_large(f"{self.size} bytes announced")
        body = await self.beginning(cap + 1)
        if len(body) > cap:
            raise self._too_large(f"more than {cap} bytes")
        return body

    async def beginning(self, cap: int) -> bytearray:
        """At least the first `cap` bytes of the body, or all of a shorter one."""
        body = bytearray()
        with _failures_named(Progress(phase=Phase.WAITING, sent=True), via_proxy=self._via_proxy):
            async with asyncio.timeout(self._limits.read):
                async for chunk in self._response.content.iter_any():
                    body += chunk
                    if len(body) >= cap:
                        break
        return body

    def _too_large(self, detail: str) -> ExchangeFailed:
        return ExchangeFailed(FailureKind.TOO_LARGE, detail, sent=True, via_proxy=self._via_proxy)


@asynccontextmanager
async def exchange(
    wire: str,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    limits: TimeLimits,
    proxy: ProxyAddress | None = None,
    body: bytes = b"",
) -> AsyncIterator[Answer]:
    """Send, directly or through `proxy`, and yield the answer once its headers are in. Raises `ExchangeFailed`.

    `wire` names the party: with the proxy, the session whose connections are used again. Hand `body` over
    without keeping it: it is let go once sent. Only an https address is tunnelled through a proxy; over
    http a proxy's refusal would look like an answer.
    """
    session = await sessions.session(wire, proxy)
    progress = Progress(has_body=bool(body))
    payload = _Payload(body, progress)
    del body
    with _failures_named(progress, via_proxy=proxy is not None):
        async with _alarm(progress, limits):
            response = await session.request(
                method,
                url,
                headers={**headers, **payload.headers},
                data=payload.stream(),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # the alarm has them all
                trace_request_ctx=progress,
                **_named(proxy),
            )
    try:
        yield Answer(
            response.status, response.headers, response.content_length, response, limits, proxy is not None
        )
    finally:
        response.release()


@asynccontextmanager
async def _alarm(progress: Progress, limits: TimeLimits) -> AsyncIterator[None]:
    """TimeoutError when a phase outlasts its limit; each step of `progress` sets the alarm anew."""
    loop = asyncio.get_running_loop()
    last_moment = loop.time() + limits.until_headers
    async with asyncio.timeout(limits.of(progress.phase)) as alarm:
        progress.moved = lambda: alarm.reschedule(min(loop.time() + limits.of(progress.phase), last_moment))
        begun = current.set(progress)
        try:
            yield
        finally:
            current.reset(begun)
            progress.moved = None  # an early answer leaves the body's rest to be sent without us


def _named(proxy: ProxyAddress | None) -> dict[str, Any]:
    """How a request names its HTTP proxy; a SOCKS proxy is the session's own."""
    if proxy is None or proxy.scheme == "socks5":
        return {}
    if not proxy.user:
        return {"proxy": proxy.shown}
    login = aiohttp.encode_basic_auth(proxy.user, proxy.password, "utf-8")
    return {"proxy": proxy.shown, "proxy_headers": {"Proxy-Authorization": login}}


class _Payload:
    """A body that is forgotten piece by piece as it is sent, not held until the answer has come."""

    def __init__(self, body: bytes, progress: Progress) -> None:
        self._body = body
        self._progress = progress
        self.headers = {"Content-Length": str(len(body))} if body else {}

    def stream(self) -> AsyncIterator[memoryview] | None:
        return self._pieces() if self._body else None

    async def _pieces(self) -> AsyncIterator[memoryview]:
        view, self._body = memoryview(self._body), b""
        for start in range(0, len(view), PIECE):
            yield view[start : start + PIECE]
            self._progress.to(Phase.SENDING)
        self._progress.to(Phase.WAITING)


@contextmanager
def _failures_named(progress: Progress, *, via_proxy: bool) -> Iterator[None]:
    try:
        yield
    except aiohttp.InvalidURL:
        raise  # ours, not the network's
    except NETWORK_ERRORS as error:
        # Not chained: what the client's own exceptions hold (addresses, headers) stays out of logs.
        kind = _kind(error, progress.phase)
        raise ExchangeFailed(kind, str(error), sent=progress.sent, via_proxy=via_proxy) from None


_TOO_LATE = {
    Phase.CONNECTING: FailureKind.CONNECT_TIMEOUT,
    Phase.ADMISSION: FailureKind.ADMISSION_TIMEOUT,
    Phase.TLS: FailureKind.TLS_TIMEOUT,
    Phase.SENDING: FailureKind.WRITE_TIMEOUT,
    Phase.WAITING: FailureKind.READ_TIMEOUT,
}


def _kind(error: Exception, phase: Phase) -> FailureKind:
    match error:
        case TimeoutError() | aiohttp_socks.ProxyTimeoutError():
            return _TOO_LATE[phase]
        case aiohttp.ClientSSLError() | aiohttp.ClientOSError(__cause__=ssl.SSLError()):
            return FailureKind.TLS
        case aiohttp.ClientConnectorError() | aiohttp_socks.ProxyConnectionError():
            return FailureKind.CONNECT
        case aiohttp_socks.ProxyError() | EOFError() | aiohttp.ClientHttpProxyError():
            return FailureKind.PROXY_REFUSED
        case aiohttp.ClientPayloadError():
            return FailureKind.CUT
        case aiohttp.ClientResponseError():  # while connecting, only a proxy has spoken
            return FailureKind.PROXY_REFUSED if phase.is_on_the_road else FailureKind.MALFORMED
    return FailureKind.RESET
