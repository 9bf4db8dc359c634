"""Live updates: a person's version, NOTIFY for whoever waits for it to move, and the wait itself.

The row lock makes versions of one person commit in order, so a reader who asks for
"everything after version N" can never skip a change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Model
from psycopg import sql

from nproxy.kit import live_listener
from nproxy.kit.live_listener import CHANNEL
from nproxy.kit.models import Version
from nproxy.kit.threads import in_database

_BUMPED = sql.SQL("""
    WITH bumped AS (
        INSERT INTO kit_version (person_id, value) VALUES (%(person)s, 1)
        ON CONFLICT (person_id) DO UPDATE SET value = kit_version.value + 1
        RETURNING value
    )
""")
_TELL = sql.SQL("SELECT value, pg_notify(%(channel)s, %(person)s::text) FROM bumped")
_STAMP_AND_TELL = sql.SQL("""
    UPDATE {table} SET version = bumped.value FROM bumped WHERE {table}.id = ANY(%(ids)s)
    RETURNING pg_notify(%(channel)s, %(person)s::text)
""")


def bump(person_id: int) -> int:
    """Raise the person's version and tell the waiters at commit. Call inside the changing transaction, last.

    Holds the version's row lock until the transaction ends (lock order: generation, quota, version).
    """
    with connection.cursor() as cursor:
        cursor.execute(_BUMPED + _TELL, {"person": person_id, "channel": CHANNEL})
        return int(cursor.fetchone()[0])


def stamp(person_id: int, model: type[Model], ids: Sequence[UUID]) -> None:
    """`bump`, and write the new version into the `version` column of these rows (one at least): one statement."""
    statement = _BUMPED + _STAMP_AND_TELL.format(table=sql.Identifier(model._meta.db_table))
    with connection.cursor() as cursor:
        cursor.execute(statement, {"person": person_id, "channel": CHANNEL, "ids": list(ids)})


def current(person_id: int) -> int:
    """The person's version now; 0 before anything happened to them."""
    return Version.objects.filter(person_id=person_id).values_list("value", flat=True).first() or 0


async def wait(person_id: int, after: int, seconds: float) -> bool:
    """True as soon as the person's version is another than `after`, False after `seconds` without a change.

    Holds neither a thread nor a database connection while it waits. The waiter is registered before
    the version is read: a change between the two wakes it, so none is ever missed.
    """
    if seconds <= 0:
        return await in_database(current, person_id) != after
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    with live_listener.waiter(person_id) as woken:
        while True:
            woken.clear()
            if await live_listener.together(person_id, current, person_id) != after:
                return True
            try:
                async with asyncio.timeout_at(deadline):
                    await woken.wait()
            except TimeoutError:
                return False


async def stop() -> None:
    """Close this event loop's listening connection; a later `wait` opens it again."""
    await live_listener.stop()
