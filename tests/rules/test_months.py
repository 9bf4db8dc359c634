"""When a cycle begins and ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nproxy.subscriptions.rules import Period, add_months, next_period

moments = st.integers(0, 36 * 366 * 86_400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, 34, 56, tzinfo=UTC)


def test_a_month_from_the_31st_ends_on_the_last_day_of_a_shorter_month() -> None:
    assert add_months(at(2026, 1, 31), 1, 31) == at(2026, 2, 28)
    assert add_months(at(2028, 1, 31), 1, 31) == at(2028, 2, 29)


def test_a_chain_from_the_31st_returns_to_the_31st() -> None:
    first = next_period(at(2026, 1, 31), 1, None)
    second = next_period(at(2026, 2, 10), 1, first)
    assert (second.starts_at, second.ends_at) == (at(2026, 2, 28), at(2026, 3, 31))


def test_a_cycle_behind_an_extended_one_takes_its_own_start_day() -> None:
    extended = Period(at(2026, 1, 31), at(2026, 3, 5), anchor_day=None)
    following = next_period(at(2026, 3, 1), 1, extended)
    assert (following.starts_at, following.ends_at) == (at(2026, 3, 5), at(2026, 4, 5))


def test_a_cycle_after_a_gap_starts_now_with_its_own_day() -> None:
    old = Period(at(2025, 12, 31), at(2026, 1, 31), 31)
    fresh = next_period(at(2026, 2, 14), 1, old)
    assert (fresh.starts_at, fresh.ends_at) == (at(2026, 2, 14), at(2026, 3, 14))


@given(moments, st.integers(1, 120))
def test_months_keep_the_second_and_never_skip_or_lose_a_month(start: datetime, months: int) -> None:
    end = add_months(start, months, start.day)
    assert end.timetz() == start.timetz()
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day <= start.day


@given(moments, st.integers(0, 60))
def test_no_paid_day_is_lost_by_renewing_early(start: datetime, days_early: int) -> None:
    first = next_period(start, 1, None)
    renewed_at = max(start, first.ends_at - timedelta(days=days_early))
    assert next_period(renewed_at, 1, first).starts_at == first.ends_at
