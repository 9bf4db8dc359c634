"""What may be asked about backups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from nproxy.accounts import queries as people
from nproxy.backups import rules
from nproxy.backups.models import BackupRun


@dataclass(frozen=True, slots=True)
class RunLine:
    """One backup as a list shows it. `size` is in bytes, `missing` counts pictures whose file was gone before."""

    id: int
    state: str
    started_at: datetime
    finished_at: datetime | None
    location: str
    size: int
    rows: int
    files: int
    missing: int
    error: str


def line(row: BackupRun) -> RunLine:
    return RunLine(**{name: getattr(row, name) for name in RunLine.__slots__})


def runs(limit: int = 20) -> list[RunLine]:
    """The newest backups, whole or not."""
    return [line(row) for row in BackupRun.objects.order_by("-started_at")[:limit]]


def last_whole() -> datetime | None:
    """When the newest whole backup began."""
    whole = BackupRun.objects.filter(state=BackupRun.State.OK).order_by("-started_at")
    return whole.values_list("started_at", flat=True).first()


def is_late(now: datetime) -> bool:
    """Whether a scheduled backup was due a while ago and is not there; never while there is nobody to back up."""
    schedule, since = settings.NPROXY_BACKUP_SCHEDULE, people.first_came_at()
    if not schedule or since is None:
        return False
    return rules.is_late(schedule, now, last=last_whole(), since=since)
