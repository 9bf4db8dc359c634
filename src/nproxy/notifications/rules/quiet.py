"""Hours in which only what is critical may make a sound."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

# How long after its hour a summary still makes sense: the bot may have been away.
SUMMARY_WITHIN = timedelta(hours=6)


def is_quiet(now: datetime, window: tuple[int, int] | None, zone: tzinfo) -> bool:
    """Whether `now` lies in the window (from, to) of full hours, which may pass midnight. No window, no quiet.

    The first hour belongs to it, the last does not: (23, 8) is quiet from 23:00 to 07:59:59.
    """
    if window is None:
        return False
    begin, end = window
    hour = now.astimezone(zone).hour
    if begin <= end:
        return begin <= hour < end
    return hour >= begin or hour < end


def summary_due(now: datetime, hour: int, zone: tzinfo) -> datetime | None:
    """The moment at which today's summary fell due, if it is still worth sending at `now`."""
    due = now.astimezone(zone).replace(hour=hour, minute=0, second=0, microsecond=0)
    if due > now:
        due -= timedelta(days=1)
    return due if now - due <= SUMMARY_WITHIN else None
