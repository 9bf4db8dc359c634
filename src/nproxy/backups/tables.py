"""The database's rows, out and in: COPY by PostgreSQL itself, from one snapshot, without its programs.

Text format, which every version reads; so a backup also moves to a newer PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Final

from django.db import connection, transaction
from psycopg import sql

# Made by migrating; and counters that nobody misses.
LEFT_OUT: Final = ("django_migrations", "cache")
PIECE_BYTES: Final = 4 * 2**20
ASIDE: Final = "nproxy_before_restore"
MOMENTS: Final = ("created_at", "at")

_COLUMNS = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0
      AND NOT a.attisdropped AND a.attgenerated = '' AND NOT c.relname = ANY(%s)
    GROUP BY c.relname ORDER BY c.relname
"""


# procrastinate's references; ours are deferrable, as Django makes them, and wait for the end.
_NEEDED_FIRST = """
    SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
    WHERE contype = 'f' AND NOT condeferrable AND conrelid <> confrelid
      AND connamespace = current_schema()::regnamespace
"""


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction that sees one moment and may take as long as it needs."""
    with transaction.atomic(durable=True):
        _do("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        without_limits()
        yield


def without_limits() -> None:
    """For the rest of the transaction."""
    _do("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")


def columns() -> dict[str, list[str]]:
    """Every table that is backed up, with its columns; what a reference is checked against at once comes first."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [list(LEFT_OUT)])
        found = dict(cursor.fetchall())
        cursor.execute(_NEEDED_FIRST)
        needed: dict[str, set[str]] = {table: set() for table in found}
        for table, other in cursor.fetchall():
            needed[table].add(other)
    return {table: found[table] for table in TopologicalSorter(needed).static_order()}


def pieces(table: str, names: list[str], count: Callable[[int], None]) -> Iterator[bytes]:
    """A table's rows in pieces of about 4 MB, never cut within a line; `count` is told how many lines each has."""
    with connection.cursor() as cursor, cursor.copy(_copy("COPY {} ({}) TO STDOUT", table, names)) as copy:
        gathered = bytearray()
        for line in copy:
            gathered += line
            if len(gathered) >= PIECE_BYTES:
                count(gathered.count(b"\n"))
                yield bytes(gathered)
                gathered.clear()
        count(gathered.count(b"\n"))
        if gathered:
            yield bytes(gathered)


def load(table: str, names: list[str], lines: Iterable[bytes]) -> int:
    """Write a table's rows; how many."""
    with connection.cursor() as cursor:
        with cursor.copy(_copy("COPY {} ({}) FROM STDIN", table, names)) as copy:
            for piece in lines:
                copy.write(piece)
        return int(cursor.rowcount)


def sequences() -> dict[str, int]:
    """How far each sequence has come."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sequencename, last_value FROM pg_sequences"
            " WHERE schemaname = current_schema() AND last_value IS NOT NULL"
        )
        return dict(cursor.fetchall())


def set_sequences(values: Mapping[str, int]) -> None:
    with connection.cursor() as cursor:
        for name, value in values.items():
            cursor.execute("SELECT setval(quote_ident(%s)::regclass, %s)", [name, value])


@contextmanager
def emptied(tables: Iterable[str]) -> Iterator[None]:
    """One transaction with these tables empty and their guards asleep; references are checked at its end."""
    each = [sql.Identifier(table) for table in tables]
    with transaction.atomic(durable=True):
        without_limits()
        for table in each:
            _do(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
        _do(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(each)))
        yield
        _do("SET CONSTRAINTS ALL IMMEDIATE")
        for table in each:
            _do(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))


@contextmanager
def beside_what_was() -> Iterator[None]:
    """An empty schema in place of the present one, which comes back if the block fails, and goes if it does not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema()), to_regnamespace(%s) IS NOT NULL", [ASIDE])
        name, was_broken_off = cursor.fetchone()
    if was_broken_off:
        _bring_back(name)
    with transaction.atomic(durable=True):
        _do(f"ALTER SCHEMA {name} RENAME TO {ASIDE}")
        _do(f"CREATE SCHEMA {name}")
    try:
        yield
    except BaseException:
        _bring_back(name)
        raise
    _do(f"DROP SCHEMA {ASIDE} CASCADE")


@transaction.atomic(durable=True)
def _bring_back(name: str) -> None:
    """What a restore put aside, in place of what it left unfinished."""
    _do(f"DROP SCHEMA {name} CASCADE")
    _do(f"ALTER SCHEMA {ASIDE} RENAME TO {name}")


def others_connected() -> int:
    """How many other connections of nproxy's processes this database has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()"
        )
        [others] = cursor.fetchone()
    return int(others)


def newest_moment() -> datetime | None:
    """When the last thing happened that some table tells of."""
    found = []
    for table, names in columns().items():
        for name in set(MOMENTS) & set(names):
            with connection.cursor() as cursor:
                cursor.execute(
                    sql.SQL("SELECT max({}) FROM {}").format(sql.Identifier(name), sql.Identifier(table))
                )
                found += cursor.fetchone()
    return max((moment for moment in found if isinstance(moment, datetime)), default=None)


def _copy(statement: str, table: str, names: list[str]) -> sql.Composed:
    listed = sql.SQL(", ").join(map(sql.Identifier, names))
    return sql.SQL(statement).format(sql.Identifier(table), listed)


def _do(statement: str | sql.Composed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
