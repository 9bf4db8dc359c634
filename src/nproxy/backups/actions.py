"""What may be done about backups.

create, create_into   BackupFailed, AlreadyRunning
restore               NotABackup, MadeByNewer, WouldHarm, BackupFailed
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.core.cache import cache

from nproxy.assets import actions as assets
from nproxy.audit import actions as audit
from nproxy.audit.rules import SYSTEM, Actor
from nproxy.backups import archive, places, queries, rules, run
from nproxy.backups.archive import Member
from nproxy.backups.models import BackupRun
from nproxy.backups.queries import RunLine
from nproxy.backups.rules import (
    AlreadyRunning,
    BackupFailed,
    Header,
    MadeByNewer,
    Manifest,
    NotABackup,
    WouldHarm,
)
from nproxy.kit import locks
from nproxy.notifications import actions as notifications

__all__ = ["AlreadyRunning", "BackupFailed", "MadeByNewer", "NotABackup", "WouldHarm"]

State = BackupRun.State
# Held by whoever makes a backup, as long as it takes; the kernel of the database drops it with the process.
LOCK = "backups.making"
LATE = "backup.late"
DAY_SECONDS = 24 * 3600

Clock = Callable[[], datetime]


def create(*, location: str, actor: Actor = SYSTEM, clock: Clock) -> RunLine:
    """Make a backup at `location`: a path, or `s3://BUCKET/NAME`. It appears there whole, or not at all."""
    place, name = places.split(location)
    with _recorded(location, actor, clock) as row, place.writing(name) as sink:
        _write(sink, row)
    return queries.line(row)


def create_into(sink: BinaryIO, *, actor: Actor, clock: Clock) -> RunLine:
    """Make a backup and stream it away; whoever is at the other end looks after it."""
    with _recorded("-", actor, clock) as row:
        _write(sink, row)
    return queries.line(row)


def create_at_target(*, actor: Actor = SYSTEM, clock: Clock) -> RunLine:
    """Make one at NPROXY_BACKUP_TARGET, under the moment's name, and drop those beyond NPROXY_BACKUP_KEEP."""
    target = settings.NPROXY_BACKUP_TARGET
    if not target:
        raise BackupFailed("NPROXY_BACKUP_TARGET is not set: a folder, or s3://BUCKET/FOLDER")
    made = create(location=f"{target.rstrip('/')}/{rules.file_name(clock())}", actor=actor, clock=clock)
    place = places.place(target.rstrip("/"))
    for name in rules.to_drop(place.names(), settings.NPROXY_BACKUP_KEEP):
        place.drop(name)
    return made


def inspect(*, location: str) -> tuple[Header, Manifest]:
    """Read a backup to its end and check every byte. Raises NotABackup, MadeByNewer, BackupFailed."""
    place, name = places.split(location)
    with place.reading(name) as source:
        return archive.read_through(source)


def restore(
    *, location: str, force: bool, actor: Actor, clock: Clock, migrate: Callable[[], None]
) -> tuple[Header, Manifest]:
    """Put a backup in place of what is here, or leave everything as it was.

    `migrate` brings a schema up to date. Without `force`, raises WouldHarm when nproxy runs, when something
    here is newer than the backup, or when its encryption keys are not the ones configured.
    """
    header, manifest = inspect(location=location)
    here = run.installation()
    rules.check_known(header, here.migrations)
    if (found := rules.objections(header, here)) and not force:
        raise WouldHarm("\n".join(found))
    place, name = places.split(location)

    def members() -> Iterator[Member]:
        with place.reading(name) as source:
            yield from archive.members(source)

    run.put_back(members, header, manifest, migrate=migrate)
    now = clock()
    # In the rows that came back, the backup that they came from is still being made.
    BackupRun.objects.filter(state=State.RUNNING).update(state=State.OK, finished_at=now)
    audit.record(
        actor=actor,
        action="backup.restored",
        target=("backup", name[:64]),
        before=None,
        after={"made_at": header.made_at.isoformat(), "forced": force},
        now=now,
    )
    return header, manifest


def watch(*, now: datetime) -> None:
    """Called by the clock: close what died on the way, and say so when a scheduled backup is late."""
    with locks.kept(LOCK) as is_ours:
        if is_ours:
            for row in BackupRun.objects.filter(state=State.RUNNING):
                _fail(row, "the process that made it ended", now)
    # The cache is shared by all processes: once a day is enough.
    if queries.is_late(now) and cache.add(f"alert:{LATE}", 1, timeout=DAY_SECONDS):
        schedule, last = settings.NPROXY_BACKUP_SCHEDULE, queries.last_whole()
        told = f"The newest whole backup began {last:%Y-%m-%d %H:%M} UTC." if last else "There is none yet."
        notifications.alert(
            kind=LATE,
            text=f"A backup was due {rules.due_before(schedule, now - rules.GRACE):%Y-%m-%d %H:%M} UTC. {told}",
            severity="critical",
            now=now,
        )


@contextmanager
def _recorded(location: str, actor: Actor, clock: Clock) -> Iterator[BackupRun]:
    """A row about the backup that is made in the block, and who made it; an alert when it fails."""
    with locks.kept(LOCK) as is_ours:
        if not is_ours:
            raise AlreadyRunning("another backup is being made")
        row = BackupRun.objects.create(started_at=clock(), location=location)
        try:
            yield row
        except BaseException as error:
            _fail(row, str(error) or type(error).__name__, clock())
            if isinstance(error, assets.StoreUnavailable | OSError):
                raise BackupFailed(str(error)) from error
            raise
        _end(row, State.OK, clock())
        audit.record(
            actor=actor,
            action="backup.created",
            target=("backup", row.pk),
            now=clock(),
            before=None,
            after={"location": location, "size": row.size, "rows": row.rows, "files": row.files},
        )


def _write(sink: BinaryIO, row: BackupRun) -> None:
    with assets.deletes_paused():
        manifest, row.size = run.write(sink, row.started_at)
    row.rows, row.files, row.missing = sum(manifest.rows.values()), manifest.files, len(manifest.missing)


def _end(row: BackupRun, state: BackupRun.State, now: datetime) -> int:
    row.state, row.finished_at = state, now
    still_running = BackupRun.objects.filter(pk=row.pk, state=State.RUNNING)
    figures = {name: getattr(row, name) for name in ("size", "rows", "files", "missing", "error")}
    return still_running.update(state=state, finished_at=now, **figures)


def _fail(row: BackupRun, reason: str, now: datetime) -> None:
    row.error = reason[:500]
    if _end(row, State.FAILED, now):
        notifications.alert(
            kind="backup.failed",
            text=f"The backup to {row.location} failed: {reason}",
            severity="critical",
            now=now,
        )
