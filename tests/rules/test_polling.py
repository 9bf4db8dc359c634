"""When a payment is read again without being asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nproxy.billing.rules.schedule import ATTENTION, next_poll, pause_before_another_try
from nproxy.billing.rules.settlement import RANK
from nproxy.billing.rules.wire import Status

FOUND = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def polls(status: Status, until: timedelta) -> list[timedelta]:
    """The ages at which a payment is read that never changes."""
    ages, now = [], FOUND
    while (at := next_poll(status, found_at=FOUND, status_at=FOUND, now=now)) and at - FOUND <= until:
        ages.append(at - FOUND)
        now = at
    return ages


def test_a_waiting_payment_is_read_often_at_first_then_hourly() -> None:
    ages = polls(Status.WAITING, timedelta(hours=3))
    assert [age / MINUTE for age in ages] == [1, 2, 5, 10, 20, 30, 90, 150]


@pytest.mark.parametrize("status", [Status.WAITING, Status.EXPIRED, Status.PARTIALLY_PAID, Status.FAILED])
def test_one_that_may_still_come_is_read_hourly_for_a_week_and_daily_for_a_month(status: Status) -> None:
    ages = polls(status, timedelta(days=60))
    assert 165 <= sum(age <= timedelta(days=7) for age in ages) <= 175
    assert 28 <= sum(age > timedelta(days=7) for age in ages) <= 31
    assert max(ages) > timedelta(days=36)


def test_money_that_moves_is_read_every_minute_while_someone_watches() -> None:
    assert len(polls(Status.CONFIRMING, timedelta(minutes=30))) == 30


def test_a_create_call_that_did_not_get_through_is_tried_again_ever_more_rarely() -> None:
    assert [pause_before_another_try(tries) for tries in (1, 2, 3)] == [5, 10, 20]


def test_what_was_given_back_is_not_read_again() -> None:
    assert next_poll(Status.REFUNDED, found_at=FOUND, status_at=FOUND, now=FOUND) is None


@given(
    status=some.sampled_from(sorted(RANK)),
    age=some.timedeltas(timedelta(0), timedelta(days=80)),
    since=some.timedeltas(timedelta(0), timedelta(days=80)),
)
def test_a_poll_lies_ahead_within_a_day_and_none_is_forgotten_before_its_time(
    status: Status, age: timedelta, since: timedelta
) -> None:
    now = FOUND + age
    status_at = now - min(since, age)
    at = next_poll(status, found_at=FOUND, status_at=status_at, now=now)
    if at is None:
        assert status is Status.REFUNDED or now - status_at > ATTENTION
    else:
        assert timedelta(0) < at - now <= timedelta(days=1)
