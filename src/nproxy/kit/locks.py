"""Locks by name, for what has no row yet that could be locked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction


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
def patience(limit: timedelta) -> Iterator[None]:
    """A transaction in which no statement, and no wait for a lock, takes longer than `limit`: OperationalError."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, true)", [str(limit // timedelta(milliseconds=1))]
            )
        yield
