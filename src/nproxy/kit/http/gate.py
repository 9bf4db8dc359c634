"""A shared budget of bytes for answers that were read, so that many large ones do not meet in memory."""

from __future__ import annotations

import asyncio
from collections import deque

_Task = asyncio.Task[object]


class ByteGate:
    """Lets answers in while their sizes together stay within `capacity` bytes; first come, first served.

    Room belongs to the task that entered, because what it read stays in memory with it: until it leaves,
    enters again, or ends, however it ends. So nobody can block himself, and nothing leaks. A size above the
    capacity is let in alone. Belongs to one event loop.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._free = capacity
        self._held: dict[_Task, int] = {}
        self._line: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def enter(self, size: int) -> None:
        """Wait for `size` bytes of room, then hold them for the running task; what it held before is given back."""
        self.leave()
        size = min(size, self._capacity)
        await self._let_in(size)
        task = _running()
        self._held[task] = size
        task.add_done_callback(self._forget)

    def leave(self) -> None:
        """Give back what the running task holds, if anything."""
        self._forget(_running())

    async def _let_in(self, size: int) -> None:
        if not self._line and size <= self._free:
            self._free -= size
            return
        turn = asyncio.get_running_loop().create_future()
        self._line.append((size, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._give_back(size)  # was let in at the very moment of giving up
            elif (size, turn) in self._line:
                self._line.remove((size, turn))
                self._admit()
            raise

    def _forget(self, task: _Task) -> None:
        self._give_back(self._held.pop(task, 0))

    def _give_back(self, size: int) -> None:
        self._free += size
        self._admit()

    def _admit(self) -> None:
        while self._line and self._line[0][0] <= self._free:
            size, turn = self._line.popleft()
            if not turn.cancelled():
                self._free -= size
                turn.set_result(None)


def _running() -> _Task:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("room is for tasks")
    return task
