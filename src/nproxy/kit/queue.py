"""How the queue itself is: who works on it, and whether its clock ticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Max
from procrastinate.contrib.django.models import ProcrastinatePeriodicDefer, ProcrastinateWorker

# procrastinate's workers write a heartbeat every ten seconds.
SILENT_AFTER = timedelta(seconds=60)
LATE_AFTER = timedelta(minutes=5)


def workers_alive(now: datetime) -> int:
    """How many of procrastinate's workers (two in each process of ours) have given a sign of life lately."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=now - SILENT_AFTER).count()


def last_tick() -> datetime | None:
    """When the timetable last put anything into the queue, None if it never did."""
    stamp = ProcrastinatePeriodicDefer.objects.aggregate(last=Max("defer_timestamp"))["last"]
    return datetime.fromtimestamp(stamp, UTC) if stamp else None
