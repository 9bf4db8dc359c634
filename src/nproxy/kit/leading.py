"""Work that only one process at a time may do, on however many machines processes run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psycopg
import structlog

from nproxy.kit.wire import connected

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
HEARTBEAT_SECONDS = 2.0
PAUSE_SECONDS = 1.0
_TAKE = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"


async def while_leading(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do `work` while this process alone holds the lock called `name`; wait for it first, as long as it takes.

    The lock is the connection's: whoever dies gives it back, and whoever loses the connection stops at once
    and begins again. Ends when `work` ends by itself, or by being cancelled.
    """
    while True:
        try:
            async with connected(f"nproxy {name}") as wire:
                await _until_ours(wire, name)
                log.info("leading", what=name)
                await _working(wire, work)
                return
        except (psycopg.Error, OSError) as error:
            log.warning("leading.lost", what=name, error=type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)


async def _until_ours(wire: psycopg.AsyncConnection, name: str) -> None:
    has_said = False
    while True:
        row = await (await wire.execute(_TAKE, [name])).fetchone()
        if row is not None and row[0]:
            return
        if not has_said:
            log.info("leading.waiting", what=name, why="another process does this already")
            has_said = True
        await asyncio.sleep(LOOK_EVERY)


async def _working(wire: psycopg.AsyncConnection, work: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.ensure_future(work())
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=HEARTBEAT_SECONDS)
            await wire.execute("SELECT 1")
        task.result()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task
