"""The line of generations that wait for a key, in this process: whoever is done with one wakes the next.

Keys come free in other processes too, and by the clock, so nobody waits for the call alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from weakref import WeakKeyDictionary

_lines: WeakKeyDictionary[asyncio.AbstractEventLoop, deque[asyncio.Future[None]]] = WeakKeyDictionary()


async def wait(seconds: float) -> None:
    """Stand in line until called, at most for `seconds`."""
    loop = asyncio.get_running_loop()
    line, turn = _line(), loop.create_future()
    line.append(turn)
    timer = loop.call_later(seconds, _call, turn)
    try:
        await turn
    finally:
        timer.cancel()
        if turn in line:
            line.remove(turn)


def move_up() -> None:
    """Call the first in line, if there is one."""
    line = _line()
    if line:
        _call(line.popleft())


def _call(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_result(None)


def _line() -> deque[asyncio.Future[None]]:
    return _lines.setdefault(asyncio.get_running_loop(), deque())
