"""When a payment is read again without a callback (docs/billing.md). Polling is the truth."""

from __future__ import annotations

from datetime import datetime, timedelta

from nproxy.billing.rules.settlement import MOVING
from nproxy.billing.rules.wire import Status

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# A success may still come this long after the processor has given a payment up; later ones come by callback.
ATTENTION = 37 * DAY
HOURLY = 7 * DAY

# A payment that waits is read at these ages, then every hour, then every day.
_AGES = tuple(minutes * MINUTE for minutes in (1, 2, 5, 10, 20, 30))
# Others ever more rarely: (until this age of their status, every so often), then every day.
_MOVING = ((HOUR, MINUTE), (6 * HOUR, 5 * MINUTE), (DAY, 15 * MINUTE), (HOURLY, HOUR))
_OVER = ((HOURLY, HOUR),)

# A callback told of more than the reading showed: the processor's own answer is a moment behind.
SOON = timedelta(seconds=20)
# How long a payment that is just being read is left alone by others.
CLAIM = 5 * MINUTE
# Until the second try of a create call that did not get through.
FIRST_PAUSE_SECONDS = 5


def next_poll(status: Status, *, found_at: datetime, status_at: datetime, now: datetime) -> datetime | None:
    """When to read a payment next, None when no more. `status_at` is when it got its present status.

    Even what is over is looked at once a day for a while: money can be sent again, or given back.
    """
    if status is Status.REFUNDED or now - max(found_at, status_at) > ATTENTION:
        return None
    if status in MOVING:
        return now + _pause(_MOVING, now - status_at)
    if status is Status.WAITING:
        age = now - found_at
        return found_at + next((step for step in _AGES if step > age), age + _pause(_OVER, age))
    if status is Status.FINISHED:
        return now + DAY
    return now + _pause(_OVER, now - status_at)


def pause_before_another_try(tries: int) -> float:
    """Seconds until the next one after so many (at least 1) that did not get through: doubled each time."""
    return FIRST_PAUSE_SECONDS * 2.0 ** (tries - 1)


def _pause(steps: tuple[tuple[timedelta, timedelta], ...], age: timedelta) -> timedelta:
    return next((pause for until, pause in steps if age < until), DAY)
