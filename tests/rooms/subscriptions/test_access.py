"""Cycles that are paid, started early, extended and suspended, on real PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from tests.rooms.subscriptions.conftest import NOW, Subscriber

from nproxy.audit.models import AuditEntry
from nproxy.kit import live
from nproxy.quota import actions as quota
from nproxy.quota.models import Quota
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries
from nproxy.subscriptions.models import Cycle

END = datetime(2026, 2, 28, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def hold(cycle: Cycle, now: datetime) -> None:
    with transaction.atomic():  # as every caller does: a refusal ends the transaction it is part of
        quota.hold(quota_id=cycle.quota_id, generations=[(uuid4(), 1)], now=now)


def test_a_payment_opens_a_month_at_once_and_tells_the_person_s_pages(subscriber: Subscriber) -> None:
    cycle = subscriber.pays()
    assert (cycle.starts_at, cycle.ends_at, cycle.source) == (NOW, END, "payment")
    assert queries.subscription(subscriber.id, NOW).quota == 100
    assert live.current(subscriber.id) == 1


@pytest.mark.parametrize(
    ("paid_at", "starts_at"),
    [(END - SECOND, END), (END, END), (END + SECOND, END + SECOND)],
    ids=["the second before the end", "at the end", "the second after it"],
)
def test_a_renewal_loses_no_paid_time_and_never_overlaps(
    subscriber: Subscriber, paid_at: datetime, starts_at: datetime
) -> None:
    subscriber.pays()
    assert subscriber.pays(paid_at).starts_at == starts_at


def test_a_month_paid_early_waits_for_its_turn_and_is_the_only_one_that_waits(subscriber: Subscriber) -> None:
    subscriber.pays()
    queued = subscriber.pays(NOW + timedelta(days=3))
    with pytest.raises(subscriptions.AlreadyQueued):
        subscriber.pays(NOW + timedelta(days=4))
    shown = queries.subscription(subscriber.id, NOW + timedelta(days=4))
    assert shown.queued == queries.CycleView(queued.pk, END, datetime(2026, 3, 31, 12, tzinfo=UTC), "payment")
    with pytest.raises(quota.QuotaClosed):
        hold(queued, END - SECOND)
    hold(queued, END)
    assert queries.subscription(subscriber.id, END).queued is None


def test_starting_the_next_month_now_ends_this_one_at_once(subscriber: Subscriber) -> None:
    current = subscriber.pays()
    subscriber.pays()
    at = datetime(2026, 2, 14, 9, 30, tzinfo=UTC)
    started = subscriber.starts_now(at)
    current.refresh_from_db()
    assert current.ends_at == started.starts_at == at
    assert started.ends_at == datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
    with pytest.raises(quota.QuotaClosed):
        hold(current, at)
    hold(started, at)
    entry = AuditEntry.objects.get(action="cycle.started_early")
    assert (entry.actor_kind, entry.after["ended"]) == ("person", current.pk)


def test_what_the_ended_month_had_accepted_still_ends_on_it(subscriber: Subscriber) -> None:
    current, generation = subscriber.pays(), uuid4()
    quota.hold(quota_id=current.quota_id, generations=[(generation, 1)], now=NOW)
    subscriber.pays()
    subscriber.starts_now(NOW + SECOND)
    quota.capture(generation_id=generation, now=NOW + timedelta(minutes=1))
    assert Quota.objects.get(pk=current.quota_id).used == 1


def test_three_granted_months_are_three_months_when_they_start_early(subscriber: Subscriber) -> None:
    subscriber.pays()
    subscriber.is_granted(3)
    started = subscriber.starts_now(datetime(2026, 2, 5, tzinfo=UTC))
    assert started.ends_at == datetime(2026, 5, 5, tzinfo=UTC)


def test_there_is_nothing_to_start_without_a_month_that_waits(subscriber: Subscriber) -> None:
    with pytest.raises(subscriptions.NothingQueued):
        subscriber.starts_now(NOW)
    subscriber.pays()
    with pytest.raises(subscriptions.NothingQueued):
        subscriber.starts_now(NOW + SECOND)


def test_an_extension_moves_the_end_and_the_month_behind_it(subscriber: Subscriber) -> None:
    subscriber.pays()
    subscriber.pays()
    end = subscriber.is_extended(5, NOW + SECOND)
    current, queued = subscriber.cycles()
    assert end == current.ends_at == queued.starts_at == datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert queued.ends_at == datetime(2026, 4, 5, 12, tzinfo=UTC)
    hold(current, END)
    with pytest.raises(quota.QuotaClosed):
        hold(queued, END)
    assert AuditEntry.objects.get(action="cycle.extended").reason == "an outage"


def test_only_a_running_month_can_be_extended_by_a_sensible_time(subscriber: Subscriber) -> None:
    with pytest.raises(subscriptions.NothingRuns):
        subscriber.is_extended(5, NOW)
    subscriber.pays()
    with pytest.raises(subscriptions.NothingRuns):
        subscriber.is_extended(5, END)
    with pytest.raises(subscriptions.BadPlan):
        subscriber.is_extended(0, NOW)


def test_a_suspension_stops_access_but_not_the_clock(subscriber: Subscriber) -> None:
    cycle = subscriber.pays()
    subscriber.is_suspended()
    shown = queries.subscription(subscriber.id, NOW)
    assert (shown.state, shown.ends_at) == ("suspended", END)
    with pytest.raises(quota.QuotaSuspended):
        hold(cycle, NOW)
    with pytest.raises(subscriptions.AlreadySuspended):
        subscriber.is_suspended()
    subscriber.is_resumed(NOW + timedelta(days=9))
    assert queries.subscription(subscriber.id, NOW + timedelta(days=9)).ends_at == END
    hold(cycle, NOW + timedelta(days=9))
    with pytest.raises(subscriptions.NotSuspended):
        subscriber.is_resumed()


def test_a_suspension_reaches_months_that_come_later(subscriber: Subscriber) -> None:
    subscriber.pays()
    queued = subscriber.pays()
    subscriber.is_suspended()
    with pytest.raises(quota.QuotaSuspended):
        hold(queued, END)
    later = datetime(2026, 4, 20, tzinfo=UTC)
    assert queries.subscription(subscriber.id, later).state == "suspended"
    paid_meanwhile = subscriber.pays(later)
    with pytest.raises(quota.QuotaSuspended):
        hold(paid_meanwhile, later)
    subscriber.is_resumed(later)
    hold(paid_meanwhile, later)


def test_suspending_and_resuming_are_on_record_with_who_and_why(subscriber: Subscriber) -> None:
    subscriber.is_suspended()
    subscriber.is_resumed()
    entries = AuditEntry.objects.filter(target_id=str(subscriber.id)).order_by("id")
    assert [(entry.action, entry.reason) for entry in entries] == [
        ("access.suspended", "a check"),
        ("access.resumed", "all is well"),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_month_that_waits_is_started_once_however_often_the_button_is_pressed() -> None:
    subscriber = Subscriber()
    subscriber.pays()
    subscriber.pays()

    def press(_: int) -> bool:
        try:
            subscriptions.start_now(user_id=subscriber.id, actor=subscriber.actor, now=NOW + SECOND)
        except subscriptions.NothingQueued:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as fingers:
        assert sum(fingers.map(press, range(6))) == 1
    first, second = subscriber.cycles()
    assert first.ends_at == second.starts_at
