"""Locks by name, for what has no row yet that could be locked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction

ASK_AGAIN_SECONDS = 0.25


def lock_for_transaction(name: str, number: int) -> None:
    """Wait for, and keep until the transaction ends, the lock called (`name`, `number`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s::bigint::int)", [name, number % 2**31])


def try_lock_for_transaction(name: str) -> bool:
    """Take the lock called `name` until the transaction ends, unless somebody else has it. Never waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        [is_ours] = cursor.fetchone()
    return bool(is_ours)


@contextmanager
def kept(name: str, *, shared: bool = False, wait: timedelta = timedelta()) -> Iterator[bool]:
    """Keep the lock called `name` while the block runs, over any number of transactions, or as long as the
    process lives; yields whether we have it. Several may share it. Waits for it up to `wait`.
    """
    kind = "_shared" if shared else ""
    give_up = time.monotonic() + wait.total_seconds()
    while not (is_ours := _asked(f"pg_try_advisory_lock{kind}", name)) and time.monotonic() < give_up:
        time.sleep(ASK_AGAIN_SECONDS)
    try:
        yield is_ours
    finally:
        # Without a connection there is no lock any more either.
        if is_ours and connection.connection is not None:
            _asked(f"pg_advisory_unlock{kind}", name)


def _asked(function: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [name])
        [answer] = cursor.fetchone()
    return bool(answer)


@contextmanager
def patience(limit: timedelta) -> Iterator[None]:
    """A transaction in which no statement, and no wait for a lock, takes longer than `limit`: OperationalError."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, true)", [str(limit // timedelta(milliseconds=1))]
            )
        yield
