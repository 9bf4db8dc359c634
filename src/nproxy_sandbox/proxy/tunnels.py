"""An open tunnel, and what can happen to the bytes in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from nproxy_sandbox.wreckage import FOR_EVER, reset_transport

CHUNK = 16 * 1024
SLOW_SECONDS = 0.05
# A TLS handshake's answer is smaller than this, a picture larger.
HANDSHAKE_BYTES = 12_000
# What a client sends to finish a handshake is smaller than this, any request larger.
FINISHED_BYTES = 200


class Broken(Exception):
    """The tunnel ends here: by RST, else by FIN."""

    def __init__(self, *, by_reset: bool) -> None:
        super().__init__()
        self.by_reset = by_reset


@dataclass
class Tunnel:
    """The client's end and the target's. `up` and `down` count the bytes passed on; `requested` those that
    the client sent after the target had first answered."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    target_reader: asyncio.StreamReader
    target_writer: asyncio.StreamWriter
    seconds: float | None = None
    up: int = 0
    down: int = 0
    requested: int = field(default=0)

    @property
    def carries_a_request(self) -> bool:
        return self.requested > FINISHED_BYTES

    @property
    def carries_an_answer(self) -> bool:
        return self.down > HANDSHAKE_BYTES


Toll = Callable[[Tunnel], Awaitable[None]]


async def free(_: Tunnel) -> None:
    """Nothing happens."""


async def reset_after_sending(tunnel: Tunnel) -> None:
    """RST once the request is through: the provider may be drawing."""
    if tunnel.carries_a_request:
        raise Broken(by_reset=True)


async def reset_mid_body(tunnel: Tunnel) -> None:
    """RST in the middle of the answer."""
    if tunnel.carries_an_answer:
        raise Broken(by_reset=True)


async def closed_mid_body(tunnel: Tunnel) -> None:
    """An orderly close in the middle of the answer, without TLS's own goodbye."""
    if tunnel.carries_an_answer:
        raise Broken(by_reset=False)


async def stall_mid_body(tunnel: Tunnel) -> None:
    """Silence in the middle of the answer."""
    if tunnel.carries_an_answer:
        await asyncio.sleep(_seconds(tunnel, FOR_EVER))


async def stall_sending(tunnel: Tunnel) -> None:
    """Nothing more is taken from the client once its request has begun."""
    if tunnel.carries_a_request:
        await asyncio.sleep(_seconds(tunnel, FOR_EVER))


async def slow(tunnel: Tunnel) -> None:
    """A pause after every piece."""
    await asyncio.sleep(_seconds(tunnel, SLOW_SECONDS))


def _seconds(tunnel: Tunnel, default: float) -> float:
    return default if tunnel.seconds is None else tunnel.seconds


async def carried(tunnel: Tunnel, toll: Toll) -> None:
    """Pass bytes on both ways until one end or the toll has enough."""
    ways = [asyncio.create_task(_up(tunnel, toll)), asyncio.create_task(_down(tunnel, toll))]
    try:
        with suppress(OSError):
            for done in (await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED))[0]:
                done.result()
    except Broken as broken:
        if broken.by_reset:
            reset_transport(tunnel.writer.transport)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        tunnel.target_writer.transport.abort()


async def _up(tunnel: Tunnel, toll: Toll) -> None:
    while piece := await tunnel.reader.read(CHUNK):
        tunnel.target_writer.write(piece)
        await tunnel.target_writer.drain()
        tunnel.up += len(piece)
        tunnel.requested += len(piece) if tunnel.down else 0
        await toll(tunnel)


async def _down(tunnel: Tunnel, toll: Toll) -> None:
    while piece := await tunnel.target_reader.read(CHUNK):
        tunnel.writer.write(piece)
        await tunnel.writer.drain()
        tunnel.down += len(piece)
        await toll(tunnel)
