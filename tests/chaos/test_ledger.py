"""The ledger stays exact while everybody does everything at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django.fixtures import Settings
from tests.chaos.crowd import NOW, Actor, Clock, Person

from nproxy.generations import actions as generations
from nproxy.generations import lease as leases
from nproxy.generations.models import Generation
from nproxy.generations.rules import SILENCE
from nproxy.kit import live
from nproxy.quota import queries as quota
from nproxy.quota.models import Hold

pytestmark = pytest.mark.django_db(transaction=True)

ACTORS = 8
PHASES = 5


def open_generations(person: Person) -> set[object]:
    rows = Generation.objects.filter(user_id=person.id, status__in=["queued", "running"])
    return set(rows.values_list("pk", flat=True))


def agrees(person: Person) -> None:
    """Counters, holds and generations of a person tell the same story."""
    counters = quota.counters(person.quota_id)
    still_open = open_generations(person)
    holds = Hold.objects.filter(quota_id=person.quota_id, state="held")
    assert counters.used == Generation.objects.filter(user_id=person.id, status="succeeded").count()
    assert counters.held == len(still_open)
    assert set(holds.values_list("generation", flat=True)) == still_open
    assert counters.used + counters.held <= counters.limit
    newest = Generation.objects.filter(user_id=person.id).order_by("-version").first()
    assert newest is None or newest.version <= live.current(person.id)


def all_at_once(actors: list[Actor], steps: int) -> None:
    def act(actor: Actor) -> None:
        try:
            actor.act(steps)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actors)) as threads:
        list(threads.map(act, actors))


def finish_what_is_left() -> None:
    """As a worker that nobody disturbs, after all dead ones were found silent."""
    generations.recover(now=NOW + timedelta(days=1))
    generations.recover(now=NOW + timedelta(days=1) + SILENCE * 2)
    for row in Generation.objects.filter(status="queued"):
        lease = leases.begin(row.pk, NOW + timedelta(days=1))
        assert lease is not None
        leases.fail(lease, "no_image", NOW + timedelta(days=1))


def test_the_ledger_is_exact_whatever_people_workers_operators_and_the_clock_do(
    scaled: Callable[[int], int],
) -> None:
    clock, people = Clock(), [Person(limit=scaled(500)) for _ in range(4)]
    actors = [Actor(seed, people, clock) for seed in range(ACTORS)]
    for _ in range(PHASES):
        all_at_once(actors, scaled(20_000) // (ACTORS * PHASES))
        assert quota.verify() == []
        for person in people:
            agrees(person)

    done = sum((actor.done for actor in actors), Counter[str]())
    for deed in ("submit: done", "work: finish", "work: vanish", "retry: done", "delete: done"):
        assert done[deed] > 0, done

    finish_what_is_left()
    assert quota.verify() == []
    assert not Generation.objects.filter(status__in=["queued", "running"]).exists()
    for person in people:
        agrees(person)


def test_fifty_tabs_of_one_person_get_exactly_the_pictures_that_are_paid_for(
    scaled: Callable[[int], int], settings: Settings
) -> None:
    limit = scaled(500)
    settings.NPROXY_MAX_PENDING_PER_USER = 1000
    person = Person(limit=limit)

    def tab(tries: int) -> Counter[str]:
        seen: Counter[str] = Counter()
        for _ in range(tries):
            try:
                person.sends(1, NOW)
                seen["accepted"] += 1
            except generations.NotEnoughLeft:
                seen["refused"] += 1
        connection.close()
        return seen

    with ThreadPoolExecutor(50) as tabs:
        seen = sum(tabs.map(tab, [scaled(2000) // 50] * 50), Counter[str]())

    assert seen == {"accepted": limit, "refused": scaled(2000) - limit}
    assert quota.verify() == []
    agrees(person)
