"""How a generation went: where its time was spent, as bars on one scale. No database here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

# A bar narrower than this, in percent, could not be seen.
THINNEST = 0.5


class Spent(Protocol):
    """What is read of an attempt."""

    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bar:
    """`begin` and `width` in percent of the whole; `seconds` is how long it took so far."""

    begin: float
    width: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The stretch of time that all bars of one generation are drawn on."""

    begin: datetime
    end: datetime

    def bar(self, begin: datetime, end: datetime) -> Bar:
        """From `begin` to `end`, cut off at the scale's ends; never too thin to be seen."""
        whole = max((self.end - self.begin).total_seconds(), 0.001)
        left = min(max((begin - self.begin).total_seconds() / whole, 0), 1)
        right = min(max((end - self.begin).total_seconds() / whole, left), 1)
        width = max(100 * (right - left), THINNEST)
        begins = min(100 * left, 100 - width)
        return Bar(round(begins, 2), round(width, 2), max((end - begin).total_seconds(), 0))


def scale(
    queued_at: datetime, finished_at: datetime | None, attempts: Sequence[Spent], now: datetime
) -> Scale:
    """From the first moment to the last. A retry moves `queued_at` past the attempts of earlier runs."""
    moments = [queued_at, *(attempt.started_at for attempt in attempts)]
    ends = [finished_at or now, *(attempt.finished_at or now for attempt in attempts)]
    begin = min(moments)
    return Scale(begin, max(*ends, begin + timedelta(milliseconds=1)))
