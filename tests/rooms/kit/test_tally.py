"""Running totals: a long past is counted slice by slice, each of them once, whoever is stopped on the way."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from nproxy.kit import tally
from nproxy.kit.models import TallyMark

pytestmark = pytest.mark.django_db

ROOM = "test"
FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = FIRST + timedelta(days=10)


class Past:
    """One happening in each hour of ten days; `breaks_at` is the slice in which the counting process dies."""

    def __init__(self, breaks_at: int | None = None) -> None:
        self.slices: list[tuple[datetime, datetime]] = []
        self.breaks_at = breaks_at

    def count(self, since: datetime, until: datetime) -> Iterator[tally.Counted]:
        if len(self.slices) == self.breaks_at:
            raise SystemExit
        self.slices.append((since, until))
        hours = (FIRST + timedelta(hours=number) for number in range(240))
        for hour in hours:
            if since < hour <= until:
                yield tally.Counted("happenings", (), hour, None, 1, 0.5)

    def advance(self) -> None:
        tally.advance(ROOM, now=NOW, first=lambda: FIRST, count=self.count)


def test_a_long_past_is_counted_from_its_first_moment_in_slices_without_a_gap() -> None:
    past = Past()
    past.advance()
    assert past.slices[0][0] < FIRST
    assert past.slices[-1][1] == NOW - tally.LAG
    assert all(end == begin for (_, end), (begin, _) in zip(past.slices, past.slices[1:], strict=False))
    assert max(end - begin for begin, end in past.slices) <= tally.SLICE
    [total] = tally.totals("happenings")
    assert (total.count, total.amount) == (240, 120.0)
    assert sum(hour.count for hour in tally.hours("happenings", FIRST)) == 240


@pytest.mark.django_db(transaction=True)
def test_whoever_comes_after_one_who_was_stopped_goes_on_where_that_one_was() -> None:
    with pytest.raises(SystemExit):
        Past(breaks_at=3).advance()
    [kept] = tally.totals("happenings")
    assert kept.count == 3 * 24  # three slices are done, and stay so
    rest = Past()
    rest.advance()
    assert rest.slices[0][0] == FIRST - tally.TICK + 3 * tally.SLICE
    [total] = tally.totals("happenings")
    assert total.count == 240


@pytest.mark.django_db(transaction=True)
def test_two_who_count_at_once_count_everything_once() -> None:
    def count(past: Past) -> None:
        try:
            past.advance()
        finally:
            connection.close()

    pasts = Past(), Past()
    with ThreadPoolExecutor(2) as both:
        list(both.map(count, pasts))
    [total] = tally.totals("happenings")
    assert total.count == 240
    assert len({each for past in pasts for each in past.slices}) == sum(len(past.slices) for past in pasts)


def test_where_nothing_ever_happened_the_mark_is_set_at_once() -> None:
    slices: list[tuple[datetime, datetime]] = []

    def count(since: datetime, until: datetime) -> Iterator[tally.Counted]:
        slices.append((since, until))
        yield from ()

    tally.advance(ROOM, now=NOW, first=lambda: None, count=count)
    assert len(slices) == 1
    assert TallyMark.objects.get(room=ROOM).until == NOW - tally.LAG
