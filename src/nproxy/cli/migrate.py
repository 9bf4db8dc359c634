"""`nproxy migrate`: the database's schema."""

from __future__ import annotations

import click

from nproxy.cli.door import with_database

# Any number, the same for every nproxy: whoever holds this lock migrates, the others wait.
MIGRATION_LOCK = 7_281_409_315


@click.command()
@with_database
def migrate() -> None:
    """Bring the database's schema up to date. Safe to run again, and from several machines at once.

    \b
    Example: nproxy migrate
    """
    bring_up_to_date(verbosity=1)


def bring_up_to_date(*, verbosity: int) -> None:
    """Apply what is missing: Django's migrations and the table of the shared cache."""
    from django.core.management import call_command  # here: `--help` must not pay for them
    from django.db import connection

    with connection.cursor() as cursor:
        # A migration, or the wait for another machine's, may take its time.
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        # Of the session, not of a transaction: migrations make transactions of their own.
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            call_command("migrate", interactive=False, verbosity=verbosity)
            call_command("createcachetable", verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
