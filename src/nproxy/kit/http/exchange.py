"""One request, one answer: time limits per phase, no redirects, capped bodies, failures by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import aiohttp

from nproxy.kit.http import sessions
from nproxy.kit.http.failures import ExchangeFailed, FailureKind
from nproxy.kit.http.sessions import Progress

CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds. `connect` covers name, TCP and TLS; `read` covers the wait for an answer, then its body."""

    connect: float
    read: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose headers are in; its body is still on the wire."""

    status: int
    headers: Mapping[str, str]
    size: int | None
    _response: aiohttp.ClientResponse
    _limits: TimeLimits

    async def whole(self, cap: int) -> bytearray:
        """The body; raises `ExchangeFailed` when it is longer than `cap` bytes, cut or too slow."""
        if (self.size or 0) > cap:
            raise ExchangeFailed(FailureKind.TOO_LARGE, f"{self.size} bytes announced", sent=True)
        body = await self.beginning(cap + 1)
        if len(body) > cap:
            raise ExchangeFailed(FailureKind.TOO_LARGE, f"more than {cap} bytes", sent=True)
        return body

    async def beginning(self, cap: int) -> bytearray:
        """At least the first `cap` bytes of the body, or all of a shorter one."""
        body = bytearray()
        with _failures_named(Progress(connected=True, sent=True)):
            async with asyncio.timeout(self._limits.read):
                async for chunk in self._response.content.iter_any():
                    body += chunk
                    if len(body) >= cap:
                        break
        return body


@asynccontextmanager
async def exchange(
    wire: str,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    limits: TimeLimits,
    body: bytes = b"",
) -> AsyncIterator[Answer]:
    """Send and yield the answer once its headers are in. Raises `ExchangeFailed`.

    `wire` names the session. Hand `body` over without keeping it: it is let go once sent.
    """
    session = await sessions.session(wire)
    progress = Progress()
    payload = _Payload(body)
    del body
    with _failures_named(progress):
        async with asyncio.timeout(limits.connect + limits.read):
            response = await session.request(
                method,
                url,
                headers={**headers, **payload.headers},
                data=payload.stream(),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=None, connect=limits.connect, sock_connect=limits.connect, sock_read=limits.read
                ),
                trace_request_ctx=progress,
            )
    try:
        yield Answer(response.status, response.headers, response.content_length, response, limits)
    finally:
        response.release()


class _Payload:
    """A body that is forgotten piece by piece as it is sent, not held until the answer has come."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.headers = {"Content-Length": str(len(body))} if body else {}

    def stream(self) -> AsyncIterator[memoryview] | None:
        return self._pieces() if self._body else None

    async def _pieces(self) -> AsyncIterator[memoryview]:
        view, self._body = memoryview(self._body), b""
        for start in range(0, len(view), CHUNK):
            yield view[start : start + CHUNK]


@contextmanager
def _failures_named(progress: Progress) -> Iterator[None]:
    try:
        yield
    except aiohttp.InvalidURL:
        raise  # ours, not the network's
    except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
        # Not chained: what the client's own exceptions hold (addresses, headers) stays out of logs.
        raise ExchangeFailed(_kind(error, progress), str(error), sent=progress.sent) from None


def _kind(error: Exception, progress: Progress) -> FailureKind:
    match error:
        case TimeoutError():
            return FailureKind.READ_TIMEOUT if progress.connected else FailureKind.CONNECT_TIMEOUT
        case aiohttp.ClientSSLError() | aiohttp.ClientConnectorCertificateError():
            return FailureKind.TLS
        case aiohttp.ClientConnectorError():
            return FailureKind.CONNECT
        case aiohttp.ClientPayloadError():
            return FailureKind.CUT
        case aiohttp.ClientResponseError():
            return FailureKind.MALFORMED
    return FailureKind.RESET
