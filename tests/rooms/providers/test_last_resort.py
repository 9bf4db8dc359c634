"""The last resort: keys that one other generation's 5xx took out are tried before anybody sees an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from nproxy.providers import actions as providers
from nproxy.providers import queries
from nproxy.providers.models import ProviderKey
from nproxy.providers.rules import Classified, Verdict

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AddKey = Callable[..., int]
POOL = "nano_banana"
SERVER_ERROR = providers.Outcome(Classified(Verdict.RETRYABLE), http_status=500)
SUCCESS = providers.Outcome(Classified(Verdict.SUCCESS), http_status=200)
pytestmark = pytest.mark.django_db


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def fail(work: UUID, moment: float, outcome: providers.Outcome = SERVER_ERROR) -> int:
    """The next key, leased at `moment`, fails a second later; its id."""
    lease = providers.lease(pool=POOL, work=work, tried=(), now=at(moment))
    assert lease is not None
    providers.report(lease, outcome, now=at(moment + 1))
    return lease.key_id


def last_resort(work: UUID, moment: float = 100, *tried: int) -> providers.Lease | None:
    return providers.lease_last_resort(pool=POOL, work=work, tried=tried, now=at(moment))


def test_the_key_that_cools_longest_goes_first_and_its_success_ends_the_cooldown(add_key: AddKey) -> None:
    for label in "ab":
        add_key(label)
    poison, other = uuid4(), uuid4()
    first, second = fail(poison, 0), fail(poison, 10)
    lease = last_resort(other)
    assert lease is not None
    assert (lease.key_id, lease.is_last_resort) == (first, True)
    providers.report(lease, SUCCESS, now=at(101))
    assert {one.id: one.status for one in queries.keys(at(102))} == {first: "active", second: "cooldown"}


def test_the_generation_that_did_it_and_keys_already_tried_are_left_out(add_key: AddKey) -> None:
    add_key("a")
    poison = uuid4()
    key = fail(poison, 0)
    assert last_resort(poison) is None
    assert last_resort(uuid4(), 100, key) is None


@pytest.mark.parametrize(
    "outcome",
    [
        providers.Outcome(Classified(Verdict.RETRYABLE)),
        providers.Outcome(Classified(Verdict.RATE_LIMITED), http_status=429),
    ],
)
def test_what_a_prompt_cannot_cause_is_no_reason_for_a_last_resort(
    add_key: AddKey, outcome: providers.Outcome
) -> None:
    add_key("a")
    fail(uuid4(), 0, outcome)
    assert last_resort(uuid4()) is None


def test_a_last_resort_that_fails_changes_nothing_so_the_next_one_may_try(add_key: AddKey) -> None:
    add_key("a")
    fail(uuid4(), 0)
    before = ProviderKey.objects.values().get()
    lease = last_resort(uuid4())
    assert lease is not None
    providers.report(lease, SERVER_ERROR, now=at(101))
    assert ProviderKey.objects.values().get() == before
    assert last_resort(uuid4(), 110) is not None


def test_it_begins_after_the_cooldown_whatever_the_workers_clocks_say(add_key: AddKey) -> None:
    add_key("a")
    fail(uuid4(), 10)
    lease = last_resort(uuid4(), 5)
    assert lease is not None
    providers.report(lease, SUCCESS, now=at(6))
    assert [one.status for one in queries.keys(at(12))] == ["active"]


def test_a_key_that_came_back_in_between_is_taken_instead(add_key: AddKey) -> None:
    first, _ = add_key("a"), add_key("b")
    poison = uuid4()
    fail(poison, 0)
    fail(poison, 1)
    ProviderKey.objects.filter(id=first).update(cooldown_until=None)
    lease = last_resort(uuid4())
    assert lease is not None
    assert (lease.key_id, lease.is_last_resort) == (first, False)
