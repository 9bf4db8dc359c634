"""The proxy stand-in. Trouble is chosen by the client's user name (`sandbox-NAME-…`) or by standing order."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from nproxy_sandbox.control import Call, Control, Trouble
from nproxy_sandbox.proxy.faults import AFTER_CONSENT, BEFORE_CONSENT, SAYS, TOLLS
from nproxy_sandbox.proxy.greetings import (
    REFUSALS,
    Greeting,
    HttpGreeting,
    NotUnderstood,
    Refusal,
    SocksGreeting,
    TurnedAway,
)
from nproxy_sandbox.proxy.tunnels import Tunnel, carried, free
from nproxy_sandbox.wreckage import FOR_EVER, reset_transport

GREETINGS: dict[str, Callable[[], Greeting]] = {
    "http": HttpGreeting,
    "https": HttpGreeting,
    "socks5": SocksGreeting,
}
SLOW_CONSENT_SECONDS = 1.0
# What a client gets to take the last words.
GOODBYE_SECONDS = 2.0
NOBODY_THERE = Refusal(502, "Bad Gateway", 4)


def make_control() -> Control:
    """A control that knows a proxy's faults; its keys are user names."""
    return Control(SAYS, default_flaky="bad_gateway")


@dataclass
class Visit:
    """One client's connection, its trouble known once it has said who it is."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    trouble: Trouble = field(default_factory=Trouble)
    call: Call | None = None

    def seconds(self, default: float) -> float:
        return default if self.trouble.seconds is None else self.trouble.seconds


class ProxyServer:
    """One proxy of one `kind`. `login` is the user and password it asks for, None admits everybody.

    `impostor` is what it answers TLS with when it is told to intercept.
    """

    def __init__(
        self, control: Control, kind: str, login: tuple[str, str] | None, impostor: ssl.SSLContext
    ) -> None:
        self._control = control
        self._greeting = GREETINGS[kind]()
        self._login = login
        self._impostor = impostor
        self._visits: set[asyncio.Task[None]] = set()
        self.connections = 0

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A client has connected."""
        self.connections += 1
        visit = asyncio.create_task(self._serve(Visit(reader, writer)))
        self._visits.add(visit)
        visit.add_done_callback(self._visits.discard)

    async def close(self) -> None:
        """End all visits."""
        for visit in self._visits:
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)

    async def _serve(self, visit: Visit) -> None:
        try:
            with suppress(OSError, EOFError, NotUnderstood, TurnedAway):
                await self._answer(visit)
            visit.writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await visit.writer.wait_closed()
        finally:
            visit.writer.transport.abort()

    async def _answer(self, visit: Visit) -> None:
        def admits(user: str, password: str) -> bool:
            visit.trouble = self._control.trouble(user)
            visit.call = self._control.seen(
                datetime.now(UTC).isoformat(timespec="milliseconds"), "tunnel", user
            )
            visit.call.fault = visit.trouble.fault or None
            is_known = self._login in (None, (user, password))
            return is_known and visit.trouble.fault != "auth"

        host, port = await self._greeting.target(visit.reader, visit.writer, admits)
        if visit.call is not None:
            visit.call.model = f"{host}:{port}"
        if visit.trouble.fault in BEFORE_CONSENT and not await self._consents(visit):
            return
        if visit.trouble.fault in AFTER_CONSENT:
            await self._betray(visit)
            return
        await self._tunnel(visit, host, port)

    async def _consents(self, visit: Visit) -> bool:
        """Play what comes in place of a consent; whether one follows after all."""
        match visit.trouble.fault:
            case "refused":
                reset_transport(visit.writer.transport)
            case "hang":
                await asyncio.sleep(visit.seconds(FOR_EVER))
            case "slow_consent":
                await asyncio.sleep(visit.seconds(SLOW_CONSENT_SECONDS))
                return True
            case "garbage":
                visit.writer.write(b"\x00\x01 what is this? \r\n\r\n" * 4)
            case name if name in REFUSALS:
                visit.writer.write(self._greeting.refusal(REFUSALS[name]))
        return False

    async def _betray(self, visit: Visit) -> None:
        visit.writer.write(self._greeting.consent())
        await visit.writer.drain()
        match visit.trouble.fault:
            case "hang_after_consent":
                await asyncio.sleep(visit.seconds(FOR_EVER))
            case "reset_after_consent":
                await visit.reader.read(1)  # the client has begun its handshake
                reset_transport(visit.writer.transport)
            case "wrong_certificate":
                await visit.writer.start_tls(self._impostor)
            case "html_after_consent":
                await visit.reader.read(1)
                visit.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nWelcome")
                await visit.writer.drain()

    async def _tunnel(self, visit: Visit, host: str, port: int) -> None:
        try:
            target = await asyncio.open_connection(host, port)
        except OSError:
            visit.writer.write(self._greeting.refusal(NOBODY_THERE))
            return
        visit.writer.write(self._greeting.consent())
        tunnel = Tunnel(visit.reader, visit.writer, *target, seconds=visit.trouble.seconds)
        try:
            await carried(tunnel, TOLLS.get(visit.trouble.fault, free))
        finally:
            if visit.call is not None:
                visit.call.received, visit.call.sent = tunnel.up, tunnel.down


async def start(
    proxy: ProxyServer, kind: str, host: str, port: int, tls: ssl.SSLContext | None
) -> tuple[asyncio.Server, str]:
    """Listen, and say on what address."""
    server = await asyncio.start_server(proxy.accept, host, port, ssl=tls)
    real_port = server.sockets[0].getsockname()[1]
    return server, f"{kind}://{host}:{real_port}"
