"""How long a provider asks us to wait, in the forms that they write it in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(hours=24)

_SECONDS = re.compile(r"^(\d{1,9}(?:\.\d+)?)s?$")


def seconds(value: object) -> timedelta | None:
    """`"21s"`, `"0.5s"`, `"30"`; None for anything else."""
    match = _SECONDS.match(value.strip()) if isinstance(value, str) else None
    return timedelta(seconds=float(match[1])) if match else None


def retry_after(header: str, now: datetime) -> timedelta | None:
    """A Retry-After header (RFC 9110 §10.2.3: seconds, or a date) as a wait from `now`."""
    wait = seconds(header)
    if wait is not None:
        return wait
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta())


def longest(waits: Iterable[timedelta | None], default: timedelta | None = None) -> timedelta | None:
    """The longest of the waits asked for, within a second and a day; `default` when none was."""
    wait = max((wait for wait in waits if wait is not None), default=default)
    return None if wait is None else min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)
