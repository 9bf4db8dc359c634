"""Caps of a key's own, on pictures in flight and per minute: exact across workers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from nproxy.audit.rules import Actor
from nproxy.providers import actions as providers
from nproxy.providers import queries
from nproxy.providers.models import Cursor
from nproxy.providers.rules import Classified, Verdict

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AddKey = Callable[..., int]
POOL = "nano_banana"


def lease(now: datetime = NOW) -> providers.Lease | None:
    return providers.lease(pool=POOL, work=uuid4(), tried=(), now=now)


def leased(now: datetime = NOW) -> providers.Lease:
    got = lease(now)
    assert got is not None
    return got


def cap(key_id: int, actor: Actor, **changes: int | None) -> None:
    providers.set_key(key_id=key_id, changes=changes, actor=actor, now=NOW)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_key_at_its_cap_is_passed_over_until_a_picture_is_done(add_key: AddKey, operator: Actor) -> None:
    first, second = add_key("a"), add_key("b")
    cap(first, operator, max_in_flight=1)
    held = leased()
    assert [leased().key_id for _ in range(3)] == [second] * 3
    providers.report(held, providers.Outcome(Classified(Verdict.SUCCESS)), now=NOW)
    assert leased().key_id == first


@pytest.mark.django_db
def test_a_cap_per_minute_counts_what_began_in_the_last_sixty_seconds(
    add_key: AddKey, operator: Actor
) -> None:
    cap(add_key("a"), operator, max_per_minute=2)
    for _ in range(2):
        providers.report(leased(), providers.Outcome(Classified(Verdict.SUCCESS)), now=NOW)
    assert lease(NOW + timedelta(seconds=59)) is None
    assert leased(NOW + timedelta(seconds=60)).key_id


@pytest.mark.django_db
def test_whoever_finds_all_keys_at_their_caps_is_told_to_look_again_in_a_second(
    add_key: AddKey, operator: Actor
) -> None:
    cap(add_key("a"), operator, max_in_flight=1)
    assert queries.next_eligible_at(POOL, NOW) == NOW
    leased()
    assert queries.next_eligible_at(POOL, NOW) == NOW + timedelta(seconds=1)
    cap(add_key("b"), operator, max_per_minute=1)
    assert queries.next_eligible_at(POOL, NOW) == NOW


@pytest.mark.django_db
def test_no_cap_does_not_limit_and_a_cap_can_be_taken_away(add_key: AddKey, operator: Actor) -> None:
    key_id = add_key("a")
    cap(key_id, operator, max_in_flight=1)
    leased()
    assert lease() is None
    cap(key_id, operator, max_in_flight=None)
    assert [leased().key_id for _ in range(5)] == [key_id] * 5


@pytest.mark.django_db(transaction=True)
def test_caps_are_exact_however_many_workers_lease_at_once(add_key: AddKey, operator: Actor) -> None:
    for number in range(3):
        cap(add_key(f"key-{number}"), operator, max_in_flight=5)
    Cursor.objects.create(pool=POOL)

    def worker(_: int) -> int:
        try:
            return sum(lease() is not None for _ in range(8))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(worker, range(8))) == 15
    assert {line.in_flight for line in queries.keys(NOW)} == {5}
