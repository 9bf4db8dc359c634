"""Whether the queue's clock ticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Max
from procrastinate.contrib.django.models import ProcrastinatePeriodicDefer

LATE_AFTER = timedelta(minutes=5)


def last_tick() -> datetime | None:
    """When the timetable last put anything into the queue, None if it never did."""
    stamp = ProcrastinatePeriodicDefer.objects.aggregate(last=Max("defer_timestamp"))["last"]
    return datetime.fromtimestamp(stamp, UTC) if stamp else None
