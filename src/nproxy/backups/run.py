"""Making a backup, and putting one back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from importlib.metadata import version
from itertools import groupby
from typing import BinaryIO

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from nproxy.assets import actions as assets
from nproxy.assets import queries as pictures
from nproxy.backups import archive, rules, tables
from nproxy.backups.archive import Member, Writer
from nproxy.backups.rules import Header, Installation, Manifest, Migration, NotABackup
from nproxy.kit import secrets


def write(sink: BinaryIO, now: datetime) -> tuple[Manifest, int]:
    """The database as it is at one moment, then the pictures that it knew then; the manifest and the size."""
    header = Header(
        made_at=now,
        version=version("nproxy"),
        migrations=_applied(),
        columns=tables.columns(),
        encryption_keys=secrets.key_ids(),
        has_files=assets.keeps_files(),
    )
    writer = Writer(sink, header)
    # A snapshot is a transaction; it reads only, and locks nothing but the tables' shape.
    with tables.snapshot():
        for table, columns in header.columns.items():
            _write_table(writer, table, columns)
        # Sequences know no snapshot: what they say now is no less than what the rows need.
        writer.manifest.sequences = tables.sequences()
        paths = pictures.paths_to_keep(now) if header.has_files else []
    for path in paths:
        _write_file(writer, path)
    writer.close()
    return writer.manifest, writer.size


def _write_table(writer: Writer, table: str, columns: list[str]) -> None:
    rows = writer.manifest.rows
    rows[table] = 0

    def count(lines: int) -> None:
        rows[table] += lines

    for number, piece in enumerate(tables.pieces(table, columns, count), start=1):
        writer.rows(table, number, piece)


def _write_file(writer: Writer, path: str) -> None:
    try:
        writer.file(path, pictures.read_stored(path))
    except assets.BytesMissing:
        # Lost before, and reported by whoever wants to see it; the rest must not be lost with it.
        writer.manifest.missing.append(path)


def installation() -> Installation:
    """What is here now."""
    return Installation(
        migrations=frozenset(_known()),
        encryption_keys=frozenset(secrets.key_ids()),
        others_connected=tables.others_connected(),
        newest=tables.newest_moment(),
    )


def put_back(
    read: Callable[[], Iterator[Member]], header: Header, manifest: Manifest, *, migrate: Callable[[], None]
) -> None:
    """Pictures first, which harm nobody, then the database: a failure leaves it as it was.

    `migrate` brings the schema from the backup's version to this one's. Raises NotABackup.
    """
    connection.close()  # a fresh connection: nothing of the old schema is remembered
    if header.has_files:
        for name, data in read():
            if name.startswith(archive.FILES):
                assets.restore_file(name.removeprefix(archive.FILES), data)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
    with tables.beside_what_was():
        _migrate_to(header.migrations)
        with tables.emptied(tables.columns()):
            _load(read(), header, manifest)
            tables.set_sequences(manifest.sequences)
        migrate()
    connection.close()


def _load(members: Iterator[Member], header: Header, manifest: Manifest) -> None:
    loaded = dict.fromkeys(header.columns, 0)
    of_tables = (member for member in members if archive.table_of(member.name))
    for table, pieces in groupby(of_tables, lambda member: archive.table_of(member.name)):
        if table not in header.columns:
            raise NotABackup(f"it has rows of a table {table} that it does not name")
        loaded[table] = tables.load(table, header.columns[table], map(archive.lines, pieces))
    if loaded != manifest.rows:
        raise NotABackup("its tables hold other numbers of rows than its manifest says")


def _applied() -> list[Migration]:
    return sorted(MigrationExecutor(connection).loader.applied_migrations)


def _known() -> Collection[Migration]:
    return MigrationExecutor(connection).loader.disk_migrations


def _migrate_to(applied: list[Migration]) -> None:
    executor = MigrationExecutor(connection)
    nodes = executor.loader.graph.node_map
    parents = {key: [parent.key for parent in node.parents] for key, node in nodes.items()}
    executor.migrate(rules.leaves(applied, parents))
