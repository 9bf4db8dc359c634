"""Locks by name, for what has no row yet that could be locked."""

from __future__ import annotations

from django.db import connection


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
