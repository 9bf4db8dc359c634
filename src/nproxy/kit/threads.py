"""Where async code crosses over to Django's synchronous database layer.

A small pool of its own, not asgiref's: its default runs everything in one thread, and
a thread per request pins one database connection each (house.md, conduct 4 and 5).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections

P = ParamSpec("P")
R = TypeVar("R")

DATABASE_THREADS = 6
IDLE_SECONDS = 1.0
# Long enough for a restart or a failover, and shorter than the silence after which others take over.
PATIENCE_SECONDS = 40.0
AGAIN_SECONDS = 0.5

_last = threading.local()
_database = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="database")


async def in_database(step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a synchronous database step in a thread that keeps its own connection."""

    def run() -> R:
        # A connection is looked at (one more round trip) after a pause or an error, not before every step.
        if time.monotonic() - getattr(_last, "step", 0.0) > IDLE_SECONDS:
            close_old_connections()
        try:
            return step(*args, **kwargs)
        except Exception:
            close_old_connections()
            raise
        finally:
            _last.step = time.monotonic()

    return await asyncio.get_running_loop().run_in_executor(_database, run)


async def in_database_surely(step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """As `in_database`, for a step that must not be lost: a database that is away is waited for.

    The step may be repeated after it was done (the answer was lost), so it has to be guarded. Raises the
    database's own error after `PATIENCE_SECONDS`.
    """
    loop = asyncio.get_running_loop()
    give_up = loop.time() + PATIENCE_SECONDS
    while True:
        try:
            return await in_database(step, *args, **kwargs)
        except (InterfaceError, OperationalError):
            if loop.time() > give_up:
                raise
        await asyncio.sleep(AGAIN_SECONDS)
