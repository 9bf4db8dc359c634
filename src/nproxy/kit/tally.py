"""Running counts of what happened, in step with the tables that they are counted from.

Pages and metrics read a few rows instead of a million. Whoever owns the data counts it: `advance` hands the
time that is not counted yet to the room, slice by slice, each once, however many processes ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from nproxy.kit.models import Tally, TallyMark

EVER = datetime(1970, 1, 1, tzinfo=UTC)
# A transaction may commit a little after the moment that it writes down.
LAG = timedelta(seconds=20)
# What one transaction counts at most: a long past is no reason to hold a row, or to begin again, for long.
SLICE = timedelta(days=1)
TICK = timedelta(microseconds=1)
# Upper bounds of the buckets, in seconds; one more bucket holds what is longer.
BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0)


@dataclass(frozen=True, slots=True)
class Counted:
    """So many happenings of one kind in one hour. `bucket` is the index into BOUNDS (width_bucket's), or None."""

    name: str
    labels: tuple[str, ...]
    hour: datetime
    bucket: int | None
    count: int
    amount: float


@dataclass(frozen=True, slots=True)
class Total:
    """What a name and its labels come to."""

    labels: tuple[str, ...]
    count: int
    amount: float
    buckets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hour:
    """What a name and its labels come to in one hour."""

    hour: datetime
    labels: tuple[str, ...]
    count: int
    amount: float


def advance(
    room: str,
    *,
    now: datetime,
    first: Callable[[], datetime | None],
    count: Callable[[datetime, datetime], Iterable[Counted]],
) -> None:
    """Count what happened after the room's mark, up to a few seconds ago, and move the mark with it.

    A day at most in one transaction: who is stopped in a long past goes on there. `first` tells when anything
    happened at all, nothing before it is looked for.
    """
    while _count_a_slice(room, now - LAG, first, count):
        pass


def _count_a_slice(
    room: str,
    until: datetime,
    first: Callable[[], datetime | None],
    count: Callable[[datetime, datetime], Iterable[Counted]],
) -> bool:
    """Whether there is more to count."""
    with transaction.atomic():
        TallyMark.objects.get_or_create(room=room, defaults={"until": EVER})
        mark = TallyMark.objects.select_for_update().get(room=room)
        since = mark.until if mark.until > EVER else (first() or until) - TICK
        if since >= until:
            return False
        end = min(since + SLICE, until)
        _add(count(since, end))
        TallyMark.objects.filter(room=room).update(until=end)
    return end < until


def put(name: str, labels: Sequence[str], *, count: int, amount: float) -> None:
    """Replace a figure that is measured anew each time."""
    Tally.objects.update_or_create(
        name=name, labels=list(labels), hour=EVER, defaults={"count": count, "amount": amount}
    )


def totals(name: str) -> list[Total]:
    """Since the beginning, in the labels' order."""
    rows = Tally.objects.filter(name=name, hour=EVER).order_by("labels")
    return [Total(tuple(row.labels), row.count, row.amount, tuple(row.buckets)) for row in rows]


def hours(name: str, since: datetime) -> list[Hour]:
    """Hour by hour, oldest first; the hour in which `since` lies is in it whole."""
    begin = since.replace(minute=0, second=0, microsecond=0)
    rows = Tally.objects.filter(name=name, hour__gte=begin).order_by("hour", "labels")
    return [Hour(row.hour, tuple(row.labels), row.count, row.amount) for row in rows]


_ADD = """
    INSERT INTO kit_tally AS known (name, labels, hour, count, amount, buckets)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (name, hour, labels) DO UPDATE SET
        count = known.count + excluded.count,
        amount = known.amount + excluded.amount,
        buckets = ARRAY(
            SELECT COALESCE(a, 0) + COALESCE(b, 0)
            FROM unnest(known.buckets, excluded.buckets) WITH ORDINALITY AS each (a, b, place) ORDER BY place
        )
"""


def _add(counted: Iterable[Counted]) -> None:
    sums: dict[tuple[str, tuple[str, ...], datetime], tuple[int, float, list[int]]] = {}
    for each in counted:
        for hour in (each.hour, EVER):
            count, amount, buckets = sums.get((each.name, each.labels, hour), (0, 0.0, []))
            if each.bucket is not None:
                buckets = buckets or [0] * (len(BOUNDS) + 1)
                buckets[each.bucket] += each.count
            sums[each.name, each.labels, hour] = (count + each.count, amount + each.amount, buckets)
    rows = [
        (name, list(labels), hour, count, amount, buckets)
        for (name, labels, hour), (count, amount, buckets) in sums.items()
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_ADD, rows)
