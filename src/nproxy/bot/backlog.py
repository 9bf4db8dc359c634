"""Which updates are under way, and how far they may be confirmed: each person's in their order, nobody waits for another."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiogram.types import Update


class Confirmed:
    """Which update Telegram is asked from next: it forgets what lies before.

    While one is under way, those after it stay unconfirmed too, and come again with every answer.
    """

    def __init__(self) -> None:
        self._asked: int | None = None
        self._open: set[int] = set()
        self._done: set[int] = set()

    @property
    def offset(self) -> int | None:
        """The first update that is not taken yet, as far as we know; None at the very beginning."""
        if self._open:
            return min(self._open)
        return max(self._done) + 1 if self._done else self._asked

    @property
    def is_waiting(self) -> bool:
        """Whether something is under way."""
        return bool(self._open)

    def answered(self, offset: int | None, ids: Iterable[int]) -> list[int]:
        """Telegram was asked from `offset` and told of `ids`; those that are new are under way from now on."""
        self._asked = offset
        self._done = {each for each in self._done if offset is None or each >= offset}
        new = [each for each in ids if each not in self._open and each not in self._done]
        self._open.update(new)
        return new

    def done(self, update_id: int) -> None:
        """Taken: it may be confirmed."""
        self._open.discard(update_id)
        self._done.add(update_id)


class Backlog:
    """Works on updates as they come, in tasks of `tasks`: one person's one after the other."""

    def __init__(self, tasks: asyncio.TaskGroup, work: Callable[[Update], Awaitable[None]]) -> None:
        self._tasks, self._work = tasks, work
        self._confirmed = Confirmed()
        self._lines: dict[int, deque[Update]] = {}
        self._moved = asyncio.Event()

    @property
    def offset(self) -> int | None:
        """Where to ask from."""
        return self._confirmed.offset

    def add(self, offset: int | None, updates: list[Update]) -> None:
        """What Telegram answered when asked from `offset`."""
        new = set(self._confirmed.answered(offset, [update.update_id for update in updates]))
        for update in updates:
            if update.update_id in new:
                self._stand_in_line(update)

    async def moved(self, within: float) -> None:
        """Return at once when nothing is under way; else when one is done, after `within` seconds at the latest."""
        if not self._confirmed.is_waiting:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._moved.wait()
        self._moved.clear()

    def _stand_in_line(self, update: Update) -> None:
        person = _person(update)
        if person in self._lines:
            self._lines[person].append(update)
        else:
            self._lines[person] = deque([update])
            self._tasks.create_task(self._serve(person))

    async def _serve(self, person: int) -> None:
        line = self._lines[person]
        while line:
            update = line.popleft()
            await self._work(update)
            self._confirmed.done(update.update_id)
            self._moved.set()
        del self._lines[person]


def _person(update: Update) -> int:
    event = update.message or update.callback_query
    return event.from_user.id if event is not None and event.from_user is not None else 0
