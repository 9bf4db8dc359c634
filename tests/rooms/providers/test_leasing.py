"""Turns are exact, attempts open and close once, and what they end in reaches the right keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from nproxy.audit.rules import Actor
from nproxy.notifications.models import Alert
from nproxy.providers import actions as providers
from nproxy.providers import queries
from nproxy.providers.models import Attempt, ProviderKey
from nproxy.providers.rules import Classified, Verdict

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AddKey = Callable[..., int]
POOL = "nano_banana"


def lease(now: datetime = NOW, **more: object) -> providers.Lease | None:
    return providers.lease(pool=POOL, now=now, **({"tried": (), "work": uuid4()} | more))


def leased(now: datetime = NOW, **more: object) -> providers.Lease:
    got = lease(now, **more)
    assert got is not None
    return got


def report(lease: providers.Lease, verdict: Verdict | Classified, *, after: float = 1) -> None:
    classified = verdict if isinstance(verdict, Classified) else Classified(verdict)
    providers.report(lease, providers.Outcome(classified), now=lease.started_at + timedelta(seconds=after))


def statuses(now: datetime = NOW) -> dict[str, str]:
    return {line.label: line.status for line in queries.keys(now)}


@pytest.mark.django_db
def test_keys_take_turns_in_order_and_start_over(add_key: AddKey) -> None:
    keys = [add_key(label) for label in "abc"]
    assert [leased().key_id for _ in range(7)] == [*keys, *keys, keys[0]]


@pytest.mark.django_db
def test_what_was_tried_or_excluded_or_is_not_eligible_is_passed_over(
    add_key: AddKey, operator: Actor
) -> None:
    first, second, third = (add_key(label) for label in "abc")
    providers.disable(key_id=second, actor=operator, now=NOW)
    assert leased(tried=[first]).key_id == third
    assert lease(tried=[first, third]) is None
    assert lease(without={"gemini"}) is None


@pytest.mark.django_db
def test_an_empty_pool_has_no_turn() -> None:
    assert lease() is None
    assert queries.next_eligible_at(POOL, NOW) is None


@pytest.mark.django_db
def test_a_lease_opens_its_attempt_and_shows_no_secret(add_key: AddKey) -> None:
    key_id, work = add_key("a"), uuid4()
    got = leased(work=work)
    row = Attempt.objects.get()
    assert (row.pk, row.key_id, row.work, row.started_at) == (got.attempt_id, key_id, work, NOW)
    assert (row.verdict, row.finished_at, row.route) == ("", None, "direct")
    assert got.started_at == NOW
    assert "AQ." not in repr(got)
    assert "sealed" not in repr(got)


@pytest.mark.django_db(transaction=True)
def test_turns_are_exact_across_many_workers(add_key: AddKey) -> None:
    keys = [add_key(f"key-{number}") for number in range(7)]

    def worker(_: int) -> list[int]:
        try:
            return [leased().key_id for _ in range(25)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        shares = Counter(key for turns in pool.map(worker, range(8)) for key in turns)
    assert sum(shares.values()) == 200
    assert max(shares.values()) - min(shares.values()) <= 1
    order = list(Attempt.objects.order_by("id").values_list("key_id", flat=True))
    assert order == [keys[turn % 7] for turn in range(200)]


@pytest.mark.django_db(transaction=True)
def test_failures_that_are_reported_at_once_are_one_failure(add_key: AddKey) -> None:
    add_key("a")
    leases = [leased() for _ in range(12)]

    def worker(got: providers.Lease) -> None:
        try:
            report(got, Verdict.RETRYABLE)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(worker, leases))
    assert ProviderKey.objects.get().failures == 1
    assert Alert.objects.filter(kind="keys.cooldown").count() == 1


@pytest.mark.django_db(transaction=True)
def test_reports_about_one_account_never_wait_for_each_other(add_key: AddKey) -> None:
    for number in range(6):
        add_key(f"key-{number}", account="google")
    leases = [leased() for _ in range(24)]

    def worker(got: providers.Lease) -> None:
        try:
            report(got, Classified(Verdict.OUT_OF_FUNDS, account_wide=True))
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(worker, leases))
    assert set(statuses().values()) == {"out_of_funds"}
    assert Alert.objects.filter(kind="keys.out_of_funds").count() == 1
    assert not Attempt.objects.filter(finished_at=None).exists()


@pytest.mark.django_db
def test_a_cooldown_ends_by_the_clock(add_key: AddKey) -> None:
    add_key("a")
    report(leased(), Verdict.RETRYABLE)
    end = NOW + timedelta(seconds=301)
    assert statuses(NOW + timedelta(seconds=2)) == {"a": "cooldown"}
    assert lease(end - timedelta(seconds=1)) is None
    assert queries.next_eligible_at(POOL, NOW + timedelta(seconds=2)) == end
    assert queries.next_eligible_at(POOL, end) == end
    assert leased(end).key_id


@pytest.mark.django_db
def test_after_the_eleventh_failure_only_an_operator_helps(add_key: AddKey, operator: Actor) -> None:
    key_id, moment = add_key("a"), NOW
    for _ in range(11):
        report(leased(moment), Verdict.RETRYABLE)
        moment += timedelta(minutes=10)
    assert statuses(moment + timedelta(days=9)) == {"a": "manual_review"}
    assert Alert.objects.filter(kind="keys.manual_review").count() == 1
    providers.activate(key_id=key_id, reason="provider was down", actor=operator, now=moment)
    assert leased(moment).key_id == key_id
    assert ProviderKey.objects.get().failures == 0


@pytest.mark.django_db
def test_a_success_after_the_recovery_clears_the_record(add_key: AddKey) -> None:
    add_key("a")
    report(leased(), Verdict.RETRYABLE)
    again = leased(NOW + timedelta(minutes=10))
    assert not again.has_clean_record
    report(again, Verdict.SUCCESS)
    assert ProviderKey.objects.values_list("failures", "cooldown_until").get() == (0, None)


@pytest.mark.django_db
def test_missing_money_of_the_account_stops_its_other_keys_too(add_key: AddKey) -> None:
    for label, account in (("a", "one"), ("b", "one"), ("c", "two"), ("d", "")):
        add_key(label, account=account)
    report(leased(), Classified(Verdict.OUT_OF_FUNDS, account_wide=True, detail="depleted"))
    assert statuses() == {"a": "out_of_funds", "b": "out_of_funds", "c": "active", "d": "active"}


@pytest.mark.django_db
def test_a_key_that_goes_out_with_its_account_keeps_its_own_record(add_key: AddKey) -> None:
    for label in "ab":
        add_key(label, account="one")
    ProviderKey.objects.filter(label="b").update(failures=3)
    report(leased(), Classified(Verdict.OUT_OF_FUNDS, account_wide=True, detail="depleted"))
    rows = ProviderKey.objects.order_by("id").values_list("state", "state_reason", "failures")
    assert list(rows) == [("out_of_funds", "depleted", 0), ("out_of_funds", "depleted", 3)]


@pytest.mark.django_db
def test_a_keys_own_limit_stops_no_other_key(add_key: AddKey) -> None:
    add_key("a", account="one")
    add_key("b", account="one")
    report(leased(), Classified(Verdict.OUT_OF_FUNDS))
    assert statuses() == {"a": "out_of_funds", "b": "active"}


@pytest.mark.django_db
def test_stale_news_stop_neither_the_key_nor_its_account(add_key: AddKey, operator: Actor) -> None:
    first = add_key("a", account="one")
    second = add_key("b", account="one")
    old, other = leased(), leased()
    later = NOW + timedelta(seconds=30)
    for key_id in (first, second):
        providers.disable(key_id=key_id, actor=operator, now=later)
        providers.activate(key_id=key_id, reason="topped up", actor=operator, now=later)
    news = Classified(Verdict.OUT_OF_FUNDS, account_wide=True)
    report(old, news, after=60)
    report(other, news, after=60)
    assert statuses(later) == {"a": "active", "b": "active"}
    assert not Alert.objects.exists()


@pytest.mark.django_db
def test_an_attempt_that_was_swept_cannot_be_reported(add_key: AddKey) -> None:
    add_key("a")
    got = leased()
    assert providers.close_lost_attempts(now=NOW + timedelta(minutes=5)) == 0
    assert providers.close_lost_attempts(now=NOW + timedelta(hours=1)) == 1
    report(got, Verdict.KEY_REJECTED, after=3601)
    assert Attempt.objects.get().verdict == "lost"
    assert statuses() == {"a": "active"}


@pytest.mark.django_db
def test_a_report_about_a_removed_key_is_only_noted(add_key: AddKey, operator: Actor) -> None:
    key_id = add_key("a")
    got = leased()
    providers.remove(key_id=key_id, actor=operator, now=NOW)
    report(got, Verdict.KEY_REJECTED)
    assert Attempt.objects.values_list("verdict", "key_id").get() == ("key_rejected", None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("verdict", "kind"),
    [(Verdict.MISCONFIGURED, "keys.misconfigured"), (Verdict.ROUTE_BLOCKED, "keys.route_blocked")],
)
def test_what_no_key_can_help_is_told_and_leaves_the_key_alone(
    add_key: AddKey, verdict: Verdict, kind: str
) -> None:
    add_key("a")
    report(leased(), verdict)
    assert statuses() == {"a": "active"}
    assert Alert.objects.get().kind == kind


@pytest.mark.django_db
def test_good_news_cost_one_statement(
    add_key: AddKey, django_assert_num_queries: Callable[[int], object]
) -> None:
    add_key("a")
    with django_assert_num_queries(1):
        got = leased()
    with django_assert_num_queries(1):
        report(got, Verdict.SUCCESS)


@pytest.mark.django_db
def test_old_attempts_are_forgotten_and_open_ones_never(add_key: AddKey) -> None:
    add_key("a")
    report(leased(), Verdict.SUCCESS)
    leased()
    assert providers.forget_old_attempts(now=NOW + timedelta(days=89)) == 0
    assert providers.forget_old_attempts(now=NOW + timedelta(days=91)) == 1
    assert Attempt.objects.get().finished_at is None


@pytest.mark.django_db
def test_the_overview_counts_what_happened_lately(add_key: AddKey) -> None:
    add_key("a")
    report(leased(), Verdict.SUCCESS)
    report(leased(), Classified(Verdict.NO_IMAGE, detail="finishReason NO_IMAGE:"))
    leased()
    [line] = queries.keys(NOW)
    assert (line.in_flight, line.attempts, line.successes) == (1, 3, 1)
    assert line.last_error == "no_image finishReason NO_IMAGE:"
    assert line.last_used_at == NOW
