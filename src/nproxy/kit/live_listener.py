"""One LISTEN connection per process and event loop, shared by everyone who waits there.

While the connection is away notifications are lost, so each (re)connect wakes everybody:
a waiter that is woken reads the version again before it believes anything.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

import psycopg

from nproxy.kit.threads import in_database
from nproxy.kit.wire import connected

log = logging.getLogger(__name__)

CHANNEL = "nproxy_live"
# How the connection is called in pg_stat_activity.
APPLICATION = "nproxy live updates"
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
HEARTBEAT_SECONDS = 30.0
# After a reconnect all are woken, so many people in a row: whoever else asks must not stand behind thousands.
WOKEN_AT_ONCE = 50
BREATH = 0.02

R = TypeVar("R")


class _Listener:
    """Who waits for whom on this event loop, and the task that wakes them."""

    def __init__(self) -> None:
        self.waiting: dict[int, set[asyncio.Event]] = {}
        self.asked: dict[int, dict[Hashable, asyncio.Future[Any]]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen_for_ever(), name="live-listener")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def _wake(self, person_id: int) -> None:
        # What is being read may be from before the change.
        self.asked.pop(person_id, None)
        for event in self.waiting.get(person_id, ()):
            event.set()

    async def _wake_everybody(self) -> None:
        for count, person_id in enumerate(list(self.waiting), start=1):
            self._wake(person_id)
            if not count % WOKEN_AT_ONCE:
                await asyncio.sleep(BREATH)

    async def _listen_for_ever(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with connected(APPLICATION) as wire:
                    await wire.execute(f"LISTEN {CHANNEL}")
                    pause = FIRST_PAUSE
                    await self._wake_everybody()
                    await self._listen(wire)
            except (psycopg.Error, OSError) as error:
                log.warning("live updates: the listening connection is away (%s)", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _listen(self, wire: psycopg.AsyncConnection) -> None:
        while True:
            async for notice in wire.notifies(timeout=HEARTBEAT_SECONDS):
                self._wake(int(notice.payload))
            # A peer that vanished without a word is only found by talking to it.
            await wire.execute("SELECT 1")


_listeners: WeakKeyDictionary[asyncio.AbstractEventLoop, _Listener] = WeakKeyDictionary()


@contextmanager
def waiter(person_id: int) -> Iterator[asyncio.Event]:
    """An event of this loop, set whenever something of the person may have changed."""
    listener = _listeners.setdefault(asyncio.get_running_loop(), _Listener())
    listener.start()
    event = asyncio.Event()
    listener.waiting.setdefault(person_id, set()).add(event)
    try:
        yield event
    finally:
        others = listener.waiting[person_id]
        others.discard(event)
        if not others:
            del listener.waiting[person_id]


async def together(person_id: int, step: Callable[..., R], *args: Hashable) -> R:
    """What this database step answers, for all who ask for it while it runs: a change wakes every page of a person at once.

    A step that began before the last notification about the person is not joined, so nobody gets an answer
    from before what woke them.
    """
    listener = _listeners.setdefault(asyncio.get_running_loop(), _Listener())
    asked = listener.asked.setdefault(person_id, {})
    key = (step, args)
    if key not in asked:
        asked[key] = asyncio.ensure_future(in_database(step, *args))
        asked[key].add_done_callback(lambda _done: _forget(listener, person_id, asked, key))
    # Whoever leaves does not take it away from the others.
    return cast(R, await asyncio.shield(asked[key]))


def _forget(
    listener: _Listener, person_id: int, asked: dict[Hashable, asyncio.Future[Any]], key: Hashable
) -> None:
    asked.pop(key, None)
    if not asked and listener.asked.get(person_id) is asked:
        del listener.asked[person_id]


async def stop() -> None:
    """End this loop's listening; a later waiter starts it again."""
    listener = _listeners.get(asyncio.get_running_loop())
    if listener is not None:
        await listener.stop()
