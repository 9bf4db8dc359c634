"""Where async code crosses over to Django's synchronous database layer.

A small pool of its own, not asgiref's: its default runs everything in one thread, and
a thread per request pins one database connection each (docs/adr/0003-two-lanes-without-wsgi.md).
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
# How a database looks from here while it restarts.
DATABASE_AWAY = (OperationalError, InterfaceError)
AWAY_SECONDS = 90.0
PAUSE_SECONDS = 0.25

# A connection that has just answered is taken to be alive: looking first costs a query of its own.
FRESH_SECONDS = 1.0

_used = threading.local()
_database = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="database")


async def in_database(step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a synchronous database step in a thread that keeps its own connection."""

    def run() -> R:
        if time.monotonic() - getattr(_used, "at", 0.0) > FRESH_SECONDS:
            close_old_connections()
        try:
            result = step(*args, **kwargs)
        except BaseException:
            _used.at = 0.0
            close_old_connections()
            raise
        _used.at = time.monotonic()
        return result

    return await asyncio.get_running_loop().run_in_executor(_database, run)


async def once_database_answers(step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """`in_database`, again and again while the database is away, for at most 90 seconds.

    Only for steps that may be repeated: a connection can end after the commit and before the answer.
    """
    loop = asyncio.get_running_loop()
    give_up = loop.time() + AWAY_SECONDS
    while True:
        try:
            return await in_database(step, *args, **kwargs)
        except DATABASE_AWAY:
            if loop.time() > give_up:
                raise
        await asyncio.sleep(PAUSE_SECONDS)
