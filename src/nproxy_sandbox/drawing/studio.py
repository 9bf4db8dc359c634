"""Where pictures are painted: in threads beside the event loop, or, for benches, once and for all."""

from __future__ import annotations

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Protocol

from nproxy_sandbox.drawing.painter import Commission, painted

PAINTERS = 2
FLAT_PROMPT = "the same picture every time"
QUALITIES = (100, 97, 92, 80, 60)
# A JPEG comment: its marker and length take four bytes, and it holds at most this many.
COMMENT_BYTES = 65_533


@dataclass(frozen=True)
class Picture:
    """An encoded picture. `quoted` is its base64 in JSON quotes, made once however often it is sent."""

    data: bytes
    format: str
    width: int
    height: int

    @cached_property
    def quoted(self) -> bytes:
        return b'"' + base64.b64encode(self.data) + b'"'


class Studio(Protocol):
    """Paints on commission."""

    async def paint(self, commission: Commission) -> Picture:
        """The picture. Raises BadSource."""
        ...


class ThreadedStudio:
    """Paints each commission anew. Pillow lets go of the interpreter lock, so two threads use two cores."""

    def __init__(self) -> None:
        self._painters = ThreadPoolExecutor(PAINTERS, thread_name_prefix="painter")

    async def paint(self, commission: Commission) -> Picture:
        data = await asyncio.get_running_loop().run_in_executor(self._painters, painted, commission)
        return _picture(commission, data)


class FlatStudio:
    """Paints one picture of about `size` bytes per format and measure, and hands it out for ever."""

    def __init__(self, size: int) -> None:
        self._painted = lru_cache(maxsize=32)(lambda blank: _picture(blank, weighing(blank, size)))

    async def paint(self, commission: Commission) -> Picture:
        return self._painted(replace(commission, prompt=FLAT_PROMPT, take=0, sources=()))


def _picture(commission: Commission, data: bytes) -> Picture:
    return Picture(data, commission.format, commission.width, commission.height)


def weighing(commission: Commission, size: int) -> bytes:
    """The picture in about `size` bytes: as fine as fits; a JPEG's rest is comments, which readers skip."""
    candidates = (painted(replace(commission, quality=quality)) for quality in QUALITIES)
    data = next((data for data in candidates if len(data) <= size or commission.format != "JPEG"), b"")
    data = data or painted(replace(commission, quality=QUALITIES[-1]))
    return data if commission.format != "JPEG" else data[:2] + _comments(size - len(data)) + data[2:]


def _comments(size: int) -> bytes:
    """JPEG comment segments of `size` bytes altogether."""
    segments = bytearray()
    while size - len(segments) > 4:
        length = min(COMMENT_BYTES, size - len(segments) - 4)
        segments += b"\xff\xfe" + (length + 2).to_bytes(2, "big") + b"." * length
    return bytes(segments)
