"""Plans and cycles on real PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from nproxy.accounts.models import User
from nproxy.audit.models import AuditEntry
from nproxy.audit.rules import Actor
from nproxy.quota import actions as quota
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries
from nproxy.subscriptions.models import Cycle

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
CLI = Actor(kind="cli", name="root", origin="vps")


@pytest.fixture
def person(db: None) -> int:
    return User.objects.create_user(f"{uuid4().hex}@example.com").pk


def grant(person: int, now: datetime = NOW, months: int = 1, limit: int = 10) -> int:
    return subscriptions.grant(
        user_id=person, months=months, limit=limit, reason="a gift", actor=CLI, now=now
    )


def test_a_grant_gives_access_to_the_second_of_its_end(person: int) -> None:
    grant(person)
    last = datetime(2026, 2, 28, 11, 59, 59, tzinfo=UTC)
    assert queries.subscription(person, last).state == "active"
    assert queries.subscription(person, last + timedelta(seconds=1)).state == "expired"


def test_a_person_without_a_cycle_has_no_subscription(person: int) -> None:
    assert queries.subscription(person, NOW) == queries.Subscription("none", None, 0)


def test_a_second_grant_queues_behind_the_first_and_a_third_is_refused(person: int) -> None:
    grant(person)
    second = grant(person, NOW + timedelta(days=3))
    assert Cycle.objects.get(pk=second).starts_at == datetime(2026, 2, 28, 12, tzinfo=UTC)
    with pytest.raises(subscriptions.AlreadyQueued):
        grant(person, NOW + timedelta(days=4))


def test_a_grant_of_three_months_is_one_cycle_with_one_limit(person: int) -> None:
    cycle = Cycle.objects.get(pk=grant(person, months=3))
    assert cycle.ends_at == datetime(2026, 4, 30, 12, tzinfo=UTC)


def test_a_grant_is_on_record_with_who_and_why(person: int) -> None:
    grant(person)
    entry = AuditEntry.objects.get(action="cycle.granted")
    assert (entry.actor_kind, entry.target_id, entry.reason) == ("cli", str(person), "a gift")


def test_a_grant_without_a_limit_takes_the_plan_s(person: int) -> None:
    with pytest.raises(subscriptions.NoPlan):
        subscriptions.grant(user_id=person, reason="", actor=CLI, now=NOW)
    subscriptions.set_plan(
        name="Studio", price_cents=1500, request_limit=300, sales_text="", actor=CLI, now=NOW
    )
    subscriptions.grant(user_id=person, reason="", actor=CLI, now=NOW)
    cycle = queries.active_cycle(person, NOW)
    assert cycle is not None
    assert queries.subscription(person, NOW).quota == 100


def test_changing_the_plan_leaves_one_plan_and_its_history_on_record(db: None) -> None:
    for price in (1500, 1900):
        subscriptions.set_plan(
            name="Studio", price_cents=price, request_limit=300, sales_text="", actor=CLI, now=NOW
        )
    plan = queries.active_plan()
    assert plan is not None
    assert plan.price_cents == 1900
    assert AuditEntry.objects.filter(action="plan.changed").latest("id").before["price_cents"] == 1500


@pytest.mark.parametrize(("price", "limit"), [(-1, 10), (100, 0)])
def test_a_plan_that_makes_no_sense_is_refused(db: None, price: int, limit: int) -> None:
    with pytest.raises(subscriptions.BadPlan):
        subscriptions.set_plan(
            name="Studio", price_cents=price, request_limit=limit, sales_text="", actor=CLI, now=NOW
        )


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_keeps_cycles_of_a_person_apart() -> None:
    person = User.objects.create_user(f"{uuid4().hex}@example.com").pk
    first = Cycle.objects.get(pk=grant(person))
    quota_id = quota.open_quota(user_id=person, limit=1, opens_at=NOW, closes_at=first.ends_at, now=NOW)
    with pytest.raises(IntegrityError, match="never_overlaps"), transaction.atomic():
        Cycle.objects.create(
            user_id=person,
            quota_id=quota_id,
            starts_at=NOW + timedelta(days=1),
            ends_at=first.ends_at + timedelta(days=9),
            anchor_day=1,
            source="grant",
            created_at=NOW,
        )


@pytest.mark.django_db(transaction=True)
def test_ten_grants_at_once_make_one_cycle_and_one_behind_it() -> None:
    person = User.objects.create_user(f"{uuid4().hex}@example.com").pk

    def operator(_: int) -> bool:
        try:
            grant(person)
        except subscriptions.AlreadyQueued:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(10) as operators:
        assert sum(operators.map(operator, range(10))) == 2
    first, second = Cycle.objects.filter(user_id=person).order_by("starts_at")
    assert first.ends_at == second.starts_at


def test_who_waited_for_the_lock_while_a_later_clock_acted_finds_what_runs_now(person: int) -> None:
    for _ in range(2):
        grant(person)
    later = NOW + timedelta(seconds=10)
    running = subscriptions.start_now(user_id=person, actor=CLI, now=later)
    grant(person, now=later)
    before = list(Cycle.objects.order_by("starts_at").values())
    stale = later - timedelta(seconds=5)
    with pytest.raises(subscriptions.NothingQueued):
        subscriptions.start_now(user_id=person, actor=CLI, now=stale)
    assert list(Cycle.objects.order_by("starts_at").values()) == before
    ends_at = subscriptions.extend(user_id=person, days=1, reason="outage", actor=CLI, now=stale)
    cycles = list(Cycle.objects.order_by("starts_at"))
    assert [cycle.pk for cycle in cycles][1] == running
    assert cycles[1].ends_at == cycles[2].starts_at == ends_at
