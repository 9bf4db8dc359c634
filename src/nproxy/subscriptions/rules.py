"""When a cycle begins and ends. All moments are aware and in UTC (docs/ledger.md)."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


@dataclass(frozen=True, slots=True)
class Period:
    """A cycle's time: from `starts_at` to `ends_at`, which no longer belongs to it."""

    starts_at: datetime
    ends_at: datetime
    anchor_day: int | None


def add_months(start: datetime, months: int, anchor_day: int) -> datetime:
    """The same second `months` (>= 1) later, on `anchor_day` (1 to 31) or the month's last day if that is sooner."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    return start.replace(year=year, month=month + 1, day=min(anchor_day, last_day))


def next_period(now: datetime, months: int, last: Period | None) -> Period:
    """The period of a cycle that is activated `now` and follows `last`, if there was one.

    It starts at once, or behind the end of a cycle that still runs. One that follows directly on an
    unextended cycle keeps its anchor day (31 Jan, 28 Feb, 31 Mar); any other takes its own start day.
    """
    if last is None or last.ends_at < now:
        starts_at, anchor_day = now, now.day
    else:
        starts_at, anchor_day = last.ends_at, last.anchor_day or last.ends_at.day
    return Period(starts_at, add_months(starts_at, months, anchor_day), anchor_day)


class Reminder(Enum):
    """A mail about the end of a cycle, and how long after that end it is due."""

    WEEK_BEFORE = timedelta(days=-7)
    DAYS_BEFORE = timedelta(days=-3)
    DAY_BEFORE = timedelta(days=-1)
    ENDED = timedelta(0)
    AFTERWARDS = timedelta(days=3)


# After that long an end is no news any more.
LAST_REMINDER_WITHIN = timedelta(days=10)


def reminder_due(ends_at: datetime, now: datetime) -> Reminder | None:
    """The one reminder that fits `now`: the latest that is due. What an outage made us miss is not sent after it."""
    if now - ends_at > LAST_REMINDER_WITHIN:
        return None
    due = [reminder for reminder in Reminder if ends_at + reminder.value <= now]
    return due[-1] if due else None
