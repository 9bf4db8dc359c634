"""What is left of a key's money: told by its provider, lowered by what it spends, never guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from nproxy.audit.rules import Actor
from nproxy.kit.threads import in_database
from nproxy.notifications.models import Alert
from nproxy.providers import actions as providers
from nproxy.providers import queries
from nproxy.providers.models import BalanceReading, ProviderKey
from nproxy.providers.rules import Classified, Verdict
from nproxy.providers.rules.balance import Balance
from nproxy.providers.rules.telling import Told
from nproxy_sandbox.testing import Running

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AddKey = Callable[..., int]
USD = 1_000_000


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def told(microusd: int | None) -> Told:
    return Told(Classified(Verdict.SUCCESS), Balance(microusd))


def keep(key_id: int, microusd: int | None, moment: float = 0) -> None:
    providers.keep_balance(key_id=key_id, told=told(microusd), asked_at=at(moment))


def line() -> queries.KeyLine:
    [one] = queries.keys(at(3600))
    return one


def spend(microusd: int | None, moment: float = 1, verdict: Verdict = Verdict.SUCCESS) -> None:
    lease = providers.lease(pool="nano_banana", work=uuid4(), tried=(), now=at(moment))
    assert lease is not None
    outcome = providers.Outcome(Classified(verdict), http_status=200, cost_microusd=microusd)
    providers.report(lease, outcome, now=at(moment + 1))


@pytest.mark.django_db
def test_no_balance_is_ever_zero_for_want_of_knowing(add_key: AddKey) -> None:
    add_key("a")
    router = add_key("b", provider="openrouter")
    assert [(one.balance, one.balance_microusd) for one in queries.keys(NOW)] == [
        ("not offered", None),
        ("unknown", None),
    ]
    keep(router, None)
    assert queries.keys(NOW)[1].balance == "unknown"
    keep(router, 5 * USD, 1)
    assert (queries.keys(NOW)[1].balance, queries.keys(NOW)[1].balance_microusd) == ("known", 5 * USD)


@pytest.mark.django_db
def test_what_a_picture_cost_comes_off_at_once_refused_ones_too(
    add_key: AddKey, django_assert_num_queries: Callable[[int], object]
) -> None:
    keep(add_key("a", provider="openrouter"), 5 * USD)
    lease = providers.lease(pool="nano_banana", work=uuid4(), tried=(), now=at(1))
    assert lease is not None
    outcome = providers.Outcome(Classified(Verdict.SUCCESS), http_status=200, cost_microusd=33_600)
    with django_assert_num_queries(1):
        providers.report(lease, outcome, now=at(2))
    providers.report(lease, outcome, now=at(3))  # once only
    spend(400, 4, Verdict.USER_ERROR)
    spend(None, 5)
    assert line().balance_microusd == 5 * USD - 34_000
    assert line().cost_microusd == 34_000


@pytest.mark.django_db
def test_a_balance_of_zero_stops_the_key_and_a_full_one_brings_none_back(
    add_key: AddKey, operator: Actor
) -> None:
    key_id = add_key("a", provider="openrouter", account="one")
    other = add_key("b", provider="openrouter", account="one")
    keep(key_id, 0)
    assert [one.status for one in queries.keys(at(1))] == ["out_of_funds", "active"]
    keep(key_id, 50 * USD, 10)
    assert queries.keys(at(11))[0].status == "out_of_funds"
    assert Alert.objects.filter(kind="keys.out_of_funds", subject="a").count() == 1
    providers.activate(key_id=key_id, reason="topped up", actor=operator, now=at(20))
    keep(key_id, -1, 19)  # asked before the return: stale
    assert [one.status for one in queries.keys(at(21))] == ["active", "active"]
    assert other


@pytest.mark.django_db
def test_a_low_balance_is_told_when_it_is_crossed_by_the_provider_or_by_spending(
    add_key: AddKey, operator: Actor
) -> None:
    key_id = add_key("a", provider="openrouter")
    providers.set_key(key_id=key_id, changes={"low_balance_microusd": USD}, actor=operator, now=NOW)
    keep(key_id, 2 * USD)
    assert not Alert.objects.exists()
    spend(1_200_000)
    assert Alert.objects.filter(kind="keys.low_balance").count() == 1
    Alert.objects.update(sent_at=NOW)
    spend(1)
    keep(key_id, 500_000, 10)
    assert Alert.objects.count() == 1
    keep(key_id, 9 * USD, 20)
    keep(key_id, USD, 30)
    assert Alert.objects.filter(kind="keys.low_balance").count() == 2


@pytest.mark.django_db
def test_a_failed_call_changes_nothing_but_its_note(add_key: AddKey) -> None:
    key_id = add_key("a", provider="openrouter")
    keep(key_id, 3 * USD)
    for verdict in (Verdict.RETRYABLE, Verdict.KEY_REJECTED, Verdict.OUT_OF_FUNDS, Verdict.MISCONFIGURED):
        failed = Told(Classified(verdict, detail="no"))
        providers.keep_balance(key_id=key_id, told=failed, asked_at=at(5))
        assert (line().status, line().balance_microusd) == ("active", 3 * USD)
        assert line().balance_error == f"{verdict}. no"


@pytest.mark.django_db
def test_the_answer_to_an_older_question_is_dropped_and_the_history_kept(add_key: AddKey) -> None:
    key_id = add_key("a", provider="openrouter")
    keep(key_id, 3 * USD, 10)
    keep(key_id, 9 * USD, 5)
    keep(key_id, 2 * USD, 20)
    kept = BalanceReading.objects.filter(key_id=key_id).order_by("at")
    assert list(kept.values_list("balance_microusd", flat=True)) == [3 * USD, 2 * USD]
    assert [one.balance_microusd for one in queries.balances_since(NOW)] == [2 * USD]  # the last of six hours
    assert providers.forget_old_readings(now=NOW + timedelta(days=90, seconds=15)) == 1


@pytest.mark.django_db(transaction=True)
async def test_balances_are_asked_for_every_ten_minutes_once_for_all_workers(
    openrouter: Running, add_key: AddKey
) -> None:
    await in_database(add_key, "a", provider="openrouter")
    await in_database(add_key, "b")
    assert await providers.refresh_due_balances(now=NOW) == 1
    assert await providers.refresh_due_balances(now=at(599)) == 0
    first, second = await in_database(queries.keys, NOW)
    assert first.balance == "known"
    assert first.balance_microusd is not None
    assert first.balance_at == NOW
    assert second.balance == "not offered"
    assert await providers.refresh_due_balances(now=at(600)) == 1


@pytest.mark.django_db(transaction=True)
async def test_a_key_that_is_told_to_be_out_of_funds_is_asked_at_once(
    openrouter: Running, add_key: AddKey
) -> None:
    key_id = await in_database(add_key, "a", provider="openrouter")
    await providers.refresh_due_balances(now=NOW)

    def run_out() -> None:
        lease = providers.lease(pool="nano_banana", work=uuid4(), tried=(), now=at(1))
        assert lease is not None
        outcome = providers.Outcome(Classified(Verdict.OUT_OF_FUNDS), http_status=402)
        providers.report(lease, outcome, now=at(2))

    await in_database(run_out)
    assert await providers.refresh_due_balances(now=at(3)) == 1
    assert await in_database(ProviderKey.objects.filter(id=key_id, state="out_of_funds").exists)


@pytest.mark.django_db(transaction=True)
async def test_a_provider_that_tells_none_cannot_be_asked(add_key: AddKey) -> None:
    key_id = await in_database(add_key, "a")
    with pytest.raises(providers.NotOffered):
        await providers.refresh_balance(key_id=key_id, now=NOW)
    with pytest.raises(providers.UnknownKey):
        await providers.refresh_balance(key_id=0, now=NOW)
