"""The ledger on real PostgreSQL: exact, whoever else is there."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from nproxy.accounts.models import User
from nproxy.quota import actions as quota
from nproxy.quota import queries
from nproxy.quota.models import Entry, Hold, Quota
from nproxy.quota.rules import Counters

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture
def ledger(db: None) -> int:
    return open_quota(limit=5)


def open_quota(limit: int) -> int:
    person = User.objects.create_user(f"{uuid4().hex}@example.com")
    return quota.open_quota(user_id=person.pk, limit=limit, opens_at=NOW, closes_at=NOW + MONTH, now=NOW)


def hold(quota_id: int, count: int = 1, now: datetime = NOW) -> list[UUID]:
    wishes = [uuid4() for _ in range(count)]
    with transaction.atomic():  # as every caller does: a refusal ends the transaction it is part of
        quota.hold(quota_id=quota_id, generations=[(wish, 1) for wish in wishes], now=now)
    return wishes


def test_a_batch_is_held_whole_or_not_at_all(ledger: int) -> None:
    hold(ledger, 4)
    with pytest.raises(quota.QuotaExhausted):
        hold(ledger, 2)
    assert queries.counters(ledger) == Counters(limit=5, used=0, held=4)


def test_a_captured_hold_is_used_and_a_released_one_comes_back(ledger: int) -> None:
    kept, dropped = hold(ledger, 2)
    quota.capture(generation_id=kept, now=NOW)
    quota.release(generation_id=dropped, now=NOW)
    assert queries.counters(ledger) == Counters(limit=5, used=1, held=0)


def test_a_hold_is_resolved_at_most_once(ledger: int) -> None:
    [wish] = hold(ledger)
    quota.capture(generation_id=wish, now=NOW)
    for resolve in (quota.capture, quota.release):
        with pytest.raises(quota.NoOpenHold):
            resolve(generation_id=wish, now=NOW)
    assert queries.counters(ledger) == Counters(limit=5, used=1, held=0)


def test_a_retry_holds_again_under_the_next_ordinal_only(ledger: int) -> None:
    [wish] = hold(ledger)
    quota.release(generation_id=wish, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        quota.hold(quota_id=ledger, generations=[(wish, 1)], now=NOW)
    quota.hold(quota_id=ledger, generations=[(wish, 2)], now=NOW)
    assert queries.counters(ledger).held == 1


def test_a_generation_is_captured_at_most_once_even_across_its_holds(ledger: int) -> None:
    [wish] = hold(ledger)
    quota.capture(generation_id=wish, now=NOW)
    quota.hold(quota_id=ledger, generations=[(wish, 2)], now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        quota.capture(generation_id=wish, now=NOW)


@pytest.mark.parametrize("moment", [NOW - timedelta(seconds=1), NOW + MONTH])
def test_nothing_is_held_before_the_cycle_opens_or_from_its_last_second_on(
    ledger: int, moment: datetime
) -> None:
    with pytest.raises(quota.QuotaClosed):
        hold(ledger, now=moment)


def test_nothing_is_held_while_suspended(ledger: int) -> None:
    Quota.objects.filter(pk=ledger).update(suspended=True)
    with pytest.raises(quota.QuotaSuspended):
        hold(ledger)


def test_work_accepted_before_the_end_may_finish_after_it(ledger: int) -> None:
    [wish] = hold(ledger, now=NOW + MONTH - timedelta(seconds=1))
    quota.capture(generation_id=wish, now=NOW + MONTH + timedelta(hours=1))
    assert queries.counters(ledger).used == 1


def test_the_database_itself_refuses_more_than_the_limit(ledger: int) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Quota.objects.filter(pk=ledger).update(used=3, held=3)


def test_the_journal_is_guarded_against_being_emptied_too(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'quota_entry'::regclass AND tgtype & 32 = 32"
        )
        assert cursor.fetchall() == [("quota_entry_no_truncate",)]


@pytest.mark.parametrize("change", ["UPDATE quota_entry SET units = 2", "DELETE FROM quota_entry"])
def test_the_journal_cannot_be_rewritten(ledger: int, change: str) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_verify_finds_nothing_in_a_ledger_that_only_its_verbs_touched(ledger: int) -> None:
    kept, dropped, _ = hold(ledger, 3)
    quota.capture(generation_id=kept, now=NOW)
    quota.release(generation_id=dropped, now=NOW)
    assert queries.verify() == []


def test_verify_names_a_quota_whose_row_was_tampered_with(ledger: int) -> None:
    hold(ledger)
    Quota.objects.filter(pk=ledger).update(held=0)
    [difference] = queries.verify()
    assert (difference.quota_id, difference.row.held, difference.journal.held) == (ledger, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_fifty_clients_trying_2000_times_get_exactly_the_500_requests_there_are() -> None:
    quota_id = open_quota(limit=500)

    def client(tries: int) -> Counter[str]:
        seen: Counter[str] = Counter()
        for _ in range(tries):
            try:
                hold(quota_id)
                seen["held"] += 1
            except quota.QuotaExhausted:
                seen["refused"] += 1
        connection.close()
        return seen

    with ThreadPoolExecutor(50) as clients:
        seen = sum(clients.map(client, [40] * 50), Counter[str]())

    assert seen == {"held": 500, "refused": 1500}
    assert queries.counters(quota_id) == Counters(limit=500, used=0, held=500)
    assert Hold.objects.filter(quota_id=quota_id, state="held").count() == 500
    assert Entry.objects.filter(quota_id=quota_id, kind="hold").count() == 500
    assert queries.verify() == []


@pytest.mark.django_db(transaction=True)
def test_clients_that_capture_and_release_the_same_holds_at_once_resolve_each_one_time() -> None:
    quota_id = open_quota(limit=40)
    wishes = hold(quota_id, 40)

    def client(number: int) -> Counter[str]:
        won: Counter[str] = Counter()
        resolve = quota.capture if number % 2 else quota.release
        for wish in wishes:
            try:
                resolve(generation_id=wish, now=NOW)
                won[resolve.__name__] += 1
            except quota.NoOpenHold:
                pass
        connection.close()
        return won

    with ThreadPoolExecutor(8) as clients:
        won = sum(clients.map(client, range(8)), Counter[str]())

    assert won.total() == 40
    assert queries.counters(quota_id) == Counters(limit=40, used=won["capture"], held=0)
    assert queries.verify() == []
