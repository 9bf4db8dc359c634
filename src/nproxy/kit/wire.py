"""A database connection of its own, outside Django's: for what listens, or holds a lock while it lives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from django.db import connections

# Made for Django's own connections: not for a connection that only listens.
_NOT_FOR_US = frozenset({"context", "cursor_factory", "prepare_threshold", "autocommit"})


@asynccontextmanager
async def connected(application: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection in autocommit, called `application` in pg_stat_activity, until the block ends."""
    params = connections["default"].get_connection_params()
    wanted = {name: value for name, value in params.items() if name not in _NOT_FOR_US}
    wanted["application_name"] = application
    wire = await psycopg.AsyncConnection.connect(**wanted, autocommit=True)
    try:
        yield wire
    finally:
        await wire.close()
