"""A key with a proxy: which road its lease takes, and what the road's end says of the proxy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from nproxy.audit.rules import Actor
from nproxy.notifications.models import Alert
from nproxy.providers import actions as providers
from nproxy.providers import queries
from nproxy.providers.models import Attempt, ProviderKey
from nproxy.providers.rules import Classified, Verdict

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AddKey = Callable[..., int]
POOL = "nano_banana"
PROXY_FAILED = providers.Outcome(Classified(Verdict.PROXY_FAILED, detail="refused"))
SUCCESS = providers.Outcome(Classified(Verdict.SUCCESS), http_status=200)
pytestmark = pytest.mark.django_db


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def berlin(operator: Actor) -> str:
    return add_proxy(operator)


def add_proxy(operator: Actor, *, is_required: bool = False) -> str:
    providers.add_proxy(
        name="berlin",
        url="http://ann:pass@proxy.example.com:3128",
        is_required=is_required,
        actor=operator,
        now=NOW,
    )
    return "berlin"


def lease(moment: float = 0) -> providers.Lease | None:
    return providers.lease(pool=POOL, work=uuid4(), tried=(), now=at(moment))


def leased(moment: float = 0) -> providers.Lease:
    got = lease(moment)
    assert got is not None
    return got


def end(lease: providers.Lease, outcome: providers.Outcome, moment: float) -> None:
    providers.report(lease, outcome, now=at(moment))


def fail_three(*, until: float = 3) -> None:
    for number in range(3):
        end(leased(until - 3 + number), PROXY_FAILED, until - 2 + number)


def test_a_proxy_goes_first_then_the_same_key_directly_and_each_road_is_an_attempt(
    add_key: AddKey, berlin: str
) -> None:
    key = add_key("a", proxy=berlin)
    by_proxy = leased()
    assert (by_proxy.by_proxy, by_proxy.may_go_direct, by_proxy.proxy_name) == (True, True, "berlin")
    end(by_proxy, PROXY_FAILED, 1)
    direct = providers.lease_direct(lease=by_proxy, now=at(1))
    assert direct is not None
    assert (direct.key_id, direct.work, direct.by_proxy) == (key, by_proxy.work, False)
    end(direct, SUCCESS, 2)
    rows = Attempt.objects.order_by("id").values_list("route", "verdict", "key_id", "proxy__name")
    assert list(rows) == [("proxy", "proxy_failed", key, "berlin"), ("direct", "success", key, None)]
    assert "pass" not in repr(by_proxy)


def test_a_proxys_failures_leave_the_key_alone(add_key: AddKey, berlin: str) -> None:
    add_key("a", proxy=berlin)
    before = ProviderKey.objects.values().get()
    fail_three()
    assert ProviderKey.objects.values().get() == before


def test_a_proxy_whose_last_three_routes_failed_is_skipped_for_a_minute(add_key: AddKey, berlin: str) -> None:
    add_key("a", proxy=berlin)
    fail_three()
    assert not leased(4).by_proxy
    [line] = queries.proxies(at(4))
    assert (line.status, line.routes, line.failed, line.last_error) == ("skipped", 3, 3, "refused")
    assert Alert.objects.filter(kind="proxies.failing").count() == 1


def test_after_the_minute_one_attempt_tries_it_for_all(add_key: AddKey, berlin: str) -> None:
    add_key("a", proxy=berlin)
    fail_three()
    probe = leased(64)
    assert probe.by_proxy
    assert not leased(65).by_proxy
    end(probe, SUCCESS, 70)
    assert leased(71).by_proxy
    [line] = queries.proxies(at(71))
    assert (line.status, line.last_success_at) == ("in use", at(70))
    assert Alert.objects.filter(kind="proxies.failing", is_recovery=True).count() == 1


def test_a_required_proxy_is_never_gone_around(add_key: AddKey, operator: Actor) -> None:
    add_key("a", proxy=add_proxy(operator, is_required=True))
    assert not leased().may_go_direct
    fail_three()
    assert lease(4) is None
    assert queries.next_eligible_at(POOL, at(4)) == at(63)
    assert leased(63).by_proxy


def test_a_key_that_was_stopped_meanwhile_does_not_go_direct(
    add_key: AddKey, berlin: str, operator: Actor
) -> None:
    key = add_key("a", proxy=berlin)
    by_proxy = leased()
    providers.disable(key_id=key, actor=operator, now=at(1))
    assert providers.lease_direct(lease=by_proxy, now=at(2)) is None


def test_an_address_that_is_refused_by_proxy_is_the_proxys_news(add_key: AddKey, berlin: str) -> None:
    add_key("a", proxy=berlin)
    blocked = providers.Outcome(Classified(Verdict.ROUTE_BLOCKED, detail="location"), http_status=400)
    end(leased(), blocked, 1)
    [line] = queries.proxies(at(1))
    assert line.last_error == "location"
    assert not Alert.objects.exists()


def test_good_news_by_a_proxy_that_has_just_answered_cost_one_statement(
    add_key: AddKey, berlin: str, django_assert_num_queries: Callable[[int], object]
) -> None:
    add_key("a", proxy=berlin)
    end(leased(), SUCCESS, 1)
    with django_assert_num_queries(1):
        again = leased(2)
    with django_assert_num_queries(1):
        end(again, SUCCESS, 3)


def test_keys_of_an_overloaded_provider_go_last_in_the_same_round_robin(add_key: AddKey) -> None:
    gemini = [add_key("a"), add_key("b")]
    router = [add_key("c", provider="openrouter"), add_key("d", provider="openrouter")]

    def turn(*later: str, tried: tuple[int, ...] = ()) -> int:
        got = providers.lease(pool=POOL, work=uuid4(), tried=tried, later=later, now=NOW)
        assert got is not None
        return got.key_id

    assert [turn() for _ in range(5)] == [*gemini, *router, gemini[0]]
    assert turn("gemini") == router[0]
    assert turn("gemini", tried=tuple(router)) == gemini[0]


def test_what_failed_on_an_old_address_is_not_the_new_ones(
    operator: Actor, berlin: str, add_key: AddKey
) -> None:
    add_key("a", proxy=berlin)
    begun = [leased(second) for second in range(3)]
    new: providers.ProxyChanges = {"url": "http://ann:pass@elsewhere.example.com:3128"}
    providers.set_proxy(name=berlin, changes=new, actor=operator, now=at(3))
    for lease in begun:
        end(lease, PROXY_FAILED, 4)
    [line] = queries.proxies(at(5))
    assert (line.status, line.last_error) == ("in use", "")
    assert leased(6).proxy_name == berlin
