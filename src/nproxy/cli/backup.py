"""`nproxy backup`: everything in one file, and back."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from nproxy.backups import actions as backups
from nproxy.backups import queries as made
from nproxy.backups.rules import (
    BackupFailed,
    Header,
    MadeByNewer,
    Manifest,
    NoSuchBackup,
    NotABackup,
    WouldHarm,
)
from nproxy.cli import show
from nproxy.cli.door import Answers, NotFound, actor, refusals, right_now, with_database
from nproxy.cli.migrate import bring_up_to_date

REFUSALS: Answers = {
    NoSuchBackup: NotFound,
    BackupFailed: click.ClickException,
    NotABackup: click.ClickException,
    MadeByNewer: click.ClickException,
}


@click.group()
def backup() -> None:
    """Backups: create, list, inspect, restore."""


@backup.command()
@click.argument("file", default="")
@with_database
def create(file: str) -> None:
    """Back up the database and, with the `file:` store, the pictures, while everything runs.

    FILE is a path, s3://BUCKET/NAME, or - for standard output. Without it, a new file at NPROXY_BACKUP_TARGET, where
    the oldest beyond NPROXY_BACKUP_KEEP go.

    \b
    Example: nproxy backup create /var/backups/nproxy/before-update.nproxy.tar
    """
    with refusals(REFUSALS):
        if file == "-":
            done = backups.create_into(sys.stdout.buffer, actor=actor(), clock=right_now)
        elif file:
            done = backups.create(location=file, actor=actor(), clock=right_now)
        else:
            done = backups.create_at_target(actor=actor(), clock=right_now)
    click.echo(
        f"{done.location}: {done.rows} rows and {done.files} files, {_megabytes(done.size)}.", err=file == "-"
    )
    if done.missing:
        click.echo(
            f"{done.missing} files were missing from the store already; `inspect` names them.", err=True
        )


@backup.command("list")
@show.json_option
@with_database
def list_(as_json: bool) -> None:
    """The newest backups, and what became of them.

    \b
    Example: nproxy backup list
    """
    lines = made.runs()
    if as_json:
        show.as_json(lines)
        return
    show.table(
        ("started", "state", "took", "size", "rows", "files", "location", "error"),
        [
            (
                line.started_at,
                line.state,
                _took(line.started_at, line.finished_at),
                _megabytes(line.size),
                line.rows,
                line.files,
                line.location,
                line.error,
            )
            for line in lines
        ],
    )


@backup.command()
@click.argument("file")
@with_database
def inspect(file: str) -> None:
    """Read a backup to its end, check every byte, and say what is in it.

    \b
    Example: nproxy backup inspect /var/backups/nproxy/nproxy-20261126T033000Z.nproxy.tar
    """
    with refusals(REFUSALS):
        header, manifest = backups.inspect(location=file)
    _describe(header, manifest)
    for path in manifest.missing:
        click.echo(f"missing  {path}")


@backup.command()
@click.argument("file")
@click.option("--force", is_flag=True, help="Although it would harm what is here.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_database
def restore(file: str, force: bool, yes: bool) -> None:
    """Put a backup in place of what is here; if that fails, what is here stays.

    Stop web, worker and bot first. Refuses a running installation, one that is newer than the backup, and other
    encryption keys than the backup's, unless told to with --force.

    \b
    Example: nproxy backup restore /var/backups/nproxy/nproxy-20261126T033000Z.nproxy.tar
    """
    with refusals({**REFUSALS, WouldHarm: click.ClickException}):
        _describe(*backups.inspect(location=file))
        if not yes:
            click.confirm("Put this in place of what is here?", abort=True)
        backups.restore(
            location=file,
            force=force,
            actor=actor(),
            clock=right_now,
            migrate=lambda: bring_up_to_date(verbosity=0),
        )
    click.echo(
        "Restored. Start web, worker and bot; `nproxy doctor` and `nproxy ledger verify` say how it is."
    )


def _describe(header: Header, manifest: Manifest) -> None:
    show.facts(
        [
            ("made", header.made_at),
            ("by nproxy", header.version),
            ("rows", sum(manifest.rows.values())),
            ("files", manifest.files if header.has_files else "none: pictures are in a bucket"),
            ("missing", len(manifest.missing)),
            ("encryption keys", ", ".join(header.encryption_keys)),
        ]
    )


def _took(started: datetime, finished: datetime | None) -> str:
    return f"{(finished - started).total_seconds():.0f} s" if finished else ""


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
