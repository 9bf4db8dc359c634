"""Months bought, started early, extended, suspended and blocked, while everybody draws: the ledger stays exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
from django.db.models import Sum
from tests.chaos.crowd import NOW, Actor, Clock, Person
from tests.chaos.test_ledger import all_at_once, finish_what_is_left

from nproxy.accounts import actions as accounts
from nproxy.audit.rules import SYSTEM
from nproxy.generations.models import Generation
from nproxy.quota import queries as quota
from nproxy.quota.models import Quota
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions.models import Cycle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("chaos cycles")]

ACTORS = 8
PHASES = 4


class Trader(Actor):
    """Someone whose months change under them."""

    def __init__(self, seed: int, people: list[Person], clock: Clock) -> None:
        super().__init__(seed, people, clock)
        self._deeds |= {self.buy: 3, self.start_now: 3, self.extend: 1, self.block: 1, self.unblock: 2}

    def buy(self) -> None:
        subscriptions.activate(user_id=self._person().id, limit=15, now=self._clock.now())

    def start_now(self) -> None:
        subscriptions.start_now(user_id=self._person().id, actor=SYSTEM, now=self._clock.now())

    def extend(self) -> None:
        subscriptions.extend(
            user_id=self._person().id, days=1, reason="chaos", actor=SYSTEM, now=self._clock.now()
        )

    def block(self) -> None:
        accounts.block(user_id=self._person().id, reason="chaos", actor=SYSTEM, now=self._clock.now())

    def unblock(self) -> None:
        accounts.unblock(user_id=self._person().id, reason="chaos", actor=SYSTEM, now=self._clock.now())


def agrees(person: Person) -> None:
    """A person's quotas, generations and cycles tell the same story; no moment belongs to two cycles or to none."""
    mine = Generation.objects.filter(user_id=person.id)
    sums = Quota.objects.filter(user_id=person.id).aggregate(used=Sum("used"), held=Sum("held"))
    assert sums["used"] == mine.filter(status="succeeded").count()
    assert sums["held"] == mine.filter(status__in=["queued", "running"]).count()
    cycles = list(Cycle.objects.filter(user_id=person.id).select_related("quota").order_by("starts_at"))
    assert all(one.ends_at == following.starts_at for one, following in pairwise(cycles))
    for cycle in cycles:
        assert (cycle.quota.opens_at, cycle.quota.closes_at) == (cycle.starts_at, cycle.ends_at)


def test_the_ledger_is_exact_while_months_are_bought_started_early_extended_and_suspended(
    scaled: Callable[[int], int],
) -> None:
    clock, people = Clock(), [Person(limit=15) for _ in range(4)]
    actors: list[Actor] = [Trader(seed, people, clock) for seed in range(ACTORS)]
    for _ in range(PHASES):
        all_at_once(actors, scaled(20_000) // (ACTORS * PHASES))
        assert quota.verify() == []
        for person in people:
            agrees(person)

    done = sum((actor.done for actor in actors), Counter[str]())
    for deed in (
        "submit: done",
        "work: finish",
        "buy: done",
        "start_now: done",
        "suspend: done",
        "extend: done",
    ):
        assert done[deed] > 0, done

    finish_what_is_left()
    assert quota.verify() == []
    for person in people:
        agrees(person)


def test_many_payments_and_many_impatient_clicks_never_make_two_cycles_at_once(
    scaled: Callable[[int], int],
) -> None:
    clock, person = Clock(), Person(limit=5)

    class Impatient(Trader):
        def __init__(self, seed: int) -> None:
            super().__init__(seed, [person], clock)
            self._deeds = {self.buy: 1, self.start_now: 1, self.submit: 2}

    all_at_once([Impatient(seed) for seed in range(ACTORS)], scaled(4000) // ACTORS)
    agrees(person)
    assert Cycle.objects.filter(user_id=person.id, starts_at__lte=NOW, ends_at__gt=NOW).count() == 1
    assert quota.verify() == []
