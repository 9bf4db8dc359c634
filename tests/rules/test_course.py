"""The bars of a generation's course lie within their scale, whatever the moments are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nproxy.staff.pictures.course import THINNEST, scale

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
moments = st.integers(-10_000_000, 0).map(lambda ms: NOW + timedelta(milliseconds=ms))


@dataclass
class Attempt:
    started_at: datetime
    finished_at: datetime | None


@st.composite
def attempts(draw: st.DrawFn) -> Attempt:
    started_at = draw(moments)
    took = draw(st.none() | st.integers(0, 400_000))
    return Attempt(started_at, None if took is None else started_at + timedelta(milliseconds=took))


@given(moments, st.none() | moments, st.lists(attempts(), max_size=12))
def test_every_bar_can_be_seen_and_none_leaves_its_scale(
    queued_at: datetime, finished_at: datetime | None, tried: list[Attempt]
) -> None:
    whole = scale(queued_at, finished_at, tried, NOW)
    for attempt in tried:
        bar = whole.bar(attempt.started_at, attempt.finished_at or NOW)
        assert bar.width >= THINNEST
        assert bar.begin >= 0
        assert bar.begin + bar.width <= 100.01
        assert bar.seconds >= 0


def test_a_bar_is_as_long_as_its_share_of_the_time() -> None:
    tried = [Attempt(NOW - timedelta(seconds=8), NOW - timedelta(seconds=4))]
    whole = scale(NOW - timedelta(seconds=10), NOW, tried, NOW)
    bar = whole.bar(tried[0].started_at, NOW - timedelta(seconds=4))
    assert (bar.begin, bar.width, bar.seconds) == (20, 40, 4)
