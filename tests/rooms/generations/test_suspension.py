"""Suspending someone: nothing new is accepted, what is in line goes, what runs may finish."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from tests.rooms.generations.conftest import NOW, Person

from nproxy.assets.actions import StoredImage
from nproxy.audit.rules import SYSTEM
from nproxy.generations import actions as generations
from nproxy.generations import lease
from nproxy.generations.models import Generation
from nproxy.kit import live
from nproxy.quota import queries as quota
from nproxy.quota.rules import Counters
from nproxy.subscriptions import actions as subscriptions

Status = Generation.Status


def suspend(person: Person) -> int:
    return generations.suspend(user_id=person.id, reason="a check", actor=SYSTEM, now=NOW)


def test_what_is_in_line_is_cancelled_and_costs_nothing(person: Person) -> None:
    person.send(batch=4)
    known = live.current(person.id)
    assert suspend(person) == 4
    assert set(Generation.objects.values_list("status", flat=True)) == {Status.CANCELED}
    assert person.counters() == Counters(limit=20, used=0, held=0)
    assert live.current(person.id) > known


def test_what_runs_may_finish_and_is_paid_for(person: Person, picture: Callable[[int], StoredImage]) -> None:
    running = lease.begin(person.wish(), NOW)
    assert running is not None
    assert suspend(person) == 0
    lease.finish(running, picture(person.id), 1.0, NOW)
    assert person.counters() == Counters(limit=20, used=1, held=0)


def test_nothing_new_is_accepted_and_nothing_is_tried_again(person: Person) -> None:
    generation = person.wish()
    suspend(person)
    with pytest.raises(generations.Suspended):
        person.send()
    with pytest.raises(generations.Suspended):
        generations.retry(user_id=person.id, generation_id=generation, now=NOW)


def test_someone_without_anything_in_line_is_suspended_too_but_only_once(person: Person) -> None:
    assert suspend(person) == 0
    with pytest.raises(subscriptions.AlreadySuspended):
        suspend(person)


@pytest.mark.django_db(transaction=True)
def test_a_suspension_among_many_submits_and_cycles_leaves_nothing_in_line(
    make_person: Callable[..., Person],
) -> None:
    person = make_person(limit=60)
    subscriptions.grant(user_id=person.id, limit=60, reason="test", actor=SYSTEM, now=NOW)

    def act(number: int) -> None:
        try:
            if number == 12:
                suspend(person)
            elif number == 6:
                # Between the moment of the submits and theirs.
                subscriptions.start_now(user_id=person.id, actor=SYSTEM, now=NOW + timedelta(seconds=1))
            else:
                person.send(now=NOW + timedelta(seconds=number % 3))
        except generations.Refusal:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as crowd:
        list(crowd.map(act, range(24)))
    assert not Generation.objects.filter(status=Status.QUEUED).exists()
    assert quota.verify() == []
