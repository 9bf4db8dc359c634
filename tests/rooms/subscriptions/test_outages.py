"""Days for an outage: for everyone whom it hit, once, however often the operator repeats it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from tests.rooms.subscriptions.conftest import NOW, Subscriber

from nproxy.audit.models import AuditEntry
from nproxy.quota import actions as quota
from nproxy.quota.models import Quota
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries

END = datetime(2026, 2, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make_good(
    subscriber: Subscriber, now: datetime, *, since: datetime = END, reason: str = "Outage"
) -> bool:
    return subscriptions.make_good(
        user_id=subscriber.id, days=2, since=since, reason=reason, actor=subscriber.actor, now=now
    )


def test_the_same_reason_reaches_nobody_twice(subscriber: Subscriber) -> None:
    subscriber.pays()
    assert make_good(subscriber, NOW, reason="Outage of  21 November")
    assert not make_good(subscriber, NOW + HOUR, reason="outage of 21 november ")
    assert make_good(subscriber, NOW + HOUR, reason="outage of 22 November")
    [cycle] = subscriber.cycles()
    assert cycle.ends_at == END + timedelta(days=4)
    assert AuditEntry.objects.filter(action="cycle.extended").count() == 2


@pytest.mark.django_db(transaction=True)
def test_ten_operators_at_once_give_the_days_once() -> None:
    subscriber = Subscriber()
    subscriber.pays()

    def give(_: int) -> bool:
        try:
            return make_good(subscriber, NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as crowd:
        assert sum(crowd.map(give, range(10))) == 1
    assert subscriber.cycles()[0].ends_at == END + timedelta(days=2)


def test_a_month_that_ended_during_the_outage_goes_on(subscriber: Subscriber) -> None:
    [cycle] = [subscriber.pays()]
    now = END + HOUR
    assert queries.with_cycle_since(END + timedelta(seconds=1), now) == []
    assert queries.with_cycle_since(END, now) == [subscriber.id]
    with pytest.raises(subscriptions.NothingRuns):
        make_good(subscriber, now, since=END + timedelta(seconds=1))
    assert make_good(subscriber, now)
    assert queries.subscription(subscriber.id, now).ends_at == END + timedelta(days=2)
    assert Quota.objects.get(pk=cycle.quota_id).closes_at == END + timedelta(days=2)


def test_what_would_be_over_all_the_same_is_not_given(subscriber: Subscriber) -> None:
    subscriber.pays()
    with pytest.raises(subscriptions.NothingRuns):
        make_good(subscriber, END + timedelta(days=2))
    assert make_good(subscriber, END + timedelta(days=2) - timedelta(seconds=1))


def test_a_month_that_goes_on_does_not_escape_a_suspension(subscriber: Subscriber) -> None:
    cycle = subscriber.pays()
    subscriber.is_suspended(END + HOUR)
    assert make_good(subscriber, END + 2 * HOUR)
    assert Quota.objects.get(pk=cycle.quota_id).suspended
    subscriber.is_resumed(END + 2 * HOUR)
    assert not Quota.objects.get(pk=cycle.quota_id).suspended
    with pytest.raises(quota.QuotaClosed):
        quota.hold(quota_id=cycle.quota_id, generations=[], now=END + timedelta(days=2))
