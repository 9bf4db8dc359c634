"""What a client says to a proxy before its tunnel: HTTP CONNECT (RFC 9110 §9.3.6), SOCKS5 (RFC 1928, 1929)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

Admits = Callable[[str, str], bool]


@dataclass(frozen=True)
class Refusal:
    """No tunnel, in the words of either wire."""

    status: int
    reason: str
    socks: int


# Fault → how it is worded. SOCKS has no word for 407 here: it turns away before it hears the wish.
REFUSALS = {
    "forbidden": Refusal(403, "Forbidden", 2),
    "bad_gateway": Refusal(502, "Bad Gateway", 5),
    "unavailable": Refusal(503, "Service Unavailable", 1),
}


class TurnedAway(Exception):
    """The client was not admitted, and has been told so."""


class NotUnderstood(Exception):
    """The client speaks another protocol."""


class Greeting(Protocol):
    """One wire's words."""

    async def target(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, admits: Admits
    ) -> tuple[str, int]:
        """Where the client wants to go. Raises TurnedAway when `admits(user, password)` says no,
        NotUnderstood."""
        ...

    def consent(self) -> bytes:
        """The tunnel is open."""
        ...

    def refusal(self, refusal: Refusal) -> bytes:
        """It is not."""
        ...


class HttpGreeting:
    """`CONNECT host:port`. Plain requests are not forwarded: what is tested here are tunnels."""

    async def target(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, admits: Admits
    ) -> tuple[str, int]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *headers = head.rstrip().split("\r\n")
        method, target, _ = f"{line}  ".split(" ", 2)
        if method != "CONNECT":
            writer.write(self.refusal(Refusal(501, "Only CONNECT", 0)))
            raise NotUnderstood
        if not admits(*_basic(headers)):
            writer.write(
                _said(407, "Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="x"\r\n')
            )
            raise TurnedAway
        host, _, port = target.rpartition(":")
        return host.strip("[]"), int(port)

    def consent(self) -> bytes:
        return b"HTTP/1.1 200 Connection established\r\n\r\n"

    def refusal(self, refusal: Refusal) -> bytes:
        return _said(refusal.status, refusal.reason)


def _said(status: int, reason: str, headers: str = "") -> bytes:
    page = f"<html><body><h1>{status} {reason}</h1></body></html>"
    head = (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n{headers}"
    )
    return f"{head}\r\n{page}".encode()


def _basic(headers: list[str]) -> tuple[str, str]:
    for header in headers:
        name, _, value = header.partition(":")
        kind, _, text = value.strip().partition(" ")
        if name.lower() == "proxy-authorization" and kind.lower() == "basic":
            try:
                user, _, password = base64.b64decode(text).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return "", ""
            return user, password
    return "", ""


VERSION = 5
NO_LOGIN, LOGIN, NO_METHOD = 0, 2, 255
LOGIN_VERSION = 1
CONNECT = 1
V4, NAME, V6 = 1, 3, 4
NOWHERE = bytes([V4, 0, 0, 0, 0, 0, 0])


class SocksGreeting:
    """SOCKS5, with or without a login; only CONNECT."""

    async def target(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, admits: Admits
    ) -> tuple[str, int]:
        await self._enter(reader, writer, admits)
        version, command, _, kind = await reader.readexactly(4)
        if version != VERSION or command != CONNECT:
            raise NotUnderstood
        host = await _host(reader, kind)
        return host, int.from_bytes(await reader.readexactly(2), "big")

    async def _enter(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, admits: Admits
    ) -> None:
        version, count = await reader.readexactly(2)
        if version != VERSION:
            raise NotUnderstood
        methods = await reader.readexactly(count)
        if LOGIN not in methods:
            is_admitted = admits("", "")
            writer.write(bytes([VERSION, NO_LOGIN if is_admitted else NO_METHOD]))
        else:
            writer.write(bytes([VERSION, LOGIN]))
            await reader.readexactly(1)
            user, password = await _text(reader), await _text(reader)
            is_admitted = admits(user, password)
            writer.write(bytes([LOGIN_VERSION, 0 if is_admitted else 1]))
        if not is_admitted:
            raise TurnedAway

    def consent(self) -> bytes:
        return bytes([VERSION, 0, 0]) + NOWHERE

    def refusal(self, refusal: Refusal) -> bytes:
        return bytes([VERSION, refusal.socks, 0]) + NOWHERE


async def _text(reader: asyncio.StreamReader) -> str:
    (length,) = await reader.readexactly(1)
    return (await reader.readexactly(length)).decode("utf-8", "replace")


async def _host(reader: asyncio.StreamReader, kind: int) -> str:
    if kind == NAME:
        return await _text(reader)
    if kind == V4:
        return socket.inet_ntop(socket.AF_INET, await reader.readexactly(4))
    if kind == V6:
        return socket.inet_ntop(socket.AF_INET6, await reader.readexactly(16))
    raise NotUnderstood
