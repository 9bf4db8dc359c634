"""Calls to a processor stand in line: one at a time, spaced, and none at all for a while after it said "too many".

Equal questions do not share an answer: each is asked because something may have changed since the last one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from nproxy.billing.processors.interface import ProcessorBusy

FIRST_REST = 5.0
LONGEST_REST = 300.0


class Line:
    """Seconds throughout, on the event loop's own clock. Belongs to one loop."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._free_at = 0.0
        self._rests_until = 0.0
        self._rest = FIRST_REST

    @asynccontextmanager
    async def turn(self, spacing: float) -> AsyncIterator[None]:
        """Wait for a turn, at least `spacing` after the last one began. Raises ProcessorBusy during a rest."""
        clock = asyncio.get_running_loop().time
        async with self._lock:
            if (left := self._rests_until - clock()) > 0:
                raise ProcessorBusy(left)
            await asyncio.sleep(self._free_at - clock())
            self._free_at = clock() + spacing
            yield

    def turned_away(self, asked_for: float) -> ProcessorBusy:
        """The processor said "too many": rest as long as it `asked_for`, and longer each time in a row."""
        rest = min(max(asked_for, self._rest), LONGEST_REST)
        self._rest = min(self._rest * 2, LONGEST_REST)
        self._rests_until = asyncio.get_running_loop().time() + rest
        return ProcessorBusy(rest)

    def answered(self) -> None:
        """It answers again: the next rest is a first one."""
        self._rest = FIRST_REST


_lines: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Line]] = WeakKeyDictionary()


def line(name: str) -> Line:
    """The running loop's line to the processor `name`."""
    return _lines.setdefault(asyncio.get_running_loop(), {}).setdefault(name, Line())
