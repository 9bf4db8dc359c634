"""What costs the operator money without a picture is limited per cycle, and refusals by policy pause a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from tests.rooms.generations.conftest import NOW, Person

from nproxy.audit.models import AuditEntry
from nproxy.audit.rules import Actor
from nproxy.generations import actions as generations
from nproxy.generations import lease as leases
from nproxy.generations.models import Generation, Pause
from nproxy.notifications.models import Alert
from nproxy.quota import queries as quota
from nproxy.quota.models import Quota

pytestmark = pytest.mark.django_db


def fail(person: Person, code: str, now: datetime = NOW) -> None:
    wish = person.send(now=now).generations[0][0]
    lease = leases.begin(wish, now)
    assert lease is not None
    leases.fail(lease, code, now)


def unpaid(person: Person) -> int:
    return Quota.objects.values_list("unpaid", flat=True).get(user_id=person.id)


def test_a_call_that_the_person_caused_counts_and_one_that_failed_on_our_side_does_not(
    person: Person,
) -> None:
    for code in ("content_policy", "invalid_request", "no_image"):
        fail(person, code)
    assert unpaid(person) == 3
    for code in ("service_unavailable", "internal"):
        fail(person, code)
    assert unpaid(person) == 3
    assert quota.verify() == []


def test_cancelling_a_run_counts_and_leaving_the_line_does_not(person: Person) -> None:
    in_line, running = person.wish(), person.wish()
    assert leases.begin(running, NOW)
    for wish in (in_line, running):
        generations.cancel(user_id=person.id, generation_id=wish, now=NOW)
    assert unpaid(person) == 1
    assert quota.verify() == []


@pytest.mark.parametrize(("limit", "allowed"), [(20, 50), (60, 60)])
def test_fifty_of_them_or_the_limit_are_allowed_in_a_cycle(
    make_person: Callable[..., Person], limit: int, allowed: int
) -> None:
    person = make_person(limit=limit)
    Quota.objects.filter(user_id=person.id).update(unpaid=allowed - 2)
    person.send(batch=2)
    with pytest.raises(generations.TooManyUnpaid):
        person.send()
    assert Generation.objects.filter(user_id=person.id).count() == 2


def test_twenty_refusals_by_policy_within_an_hour_pause_a_person_for_an_hour(person: Person) -> None:
    for minute in range(20):
        fail(person, "content_policy", NOW + timedelta(minutes=minute))
    last = NOW + timedelta(minutes=19)
    with pytest.raises(generations.Paused):
        person.send(now=last + timedelta(minutes=59))
    assert Alert.objects.get(kind="people.paused").subject == str(person.id)
    person.send(now=last + timedelta(minutes=60))


def test_refusals_spread_over_more_than_an_hour_pause_nobody(person: Person) -> None:
    for number in range(25):
        fail(person, "content_policy", NOW + timedelta(minutes=4 * number))
    assert not Pause.objects.exists()


def test_a_retry_of_the_same_wish_counts_too_and_is_paused_too(person: Person) -> None:
    wish = person.wish()
    for _ in range(20):
        lease = leases.begin(wish, NOW)
        assert lease is not None
        leases.fail(lease, "content_policy", NOW)
        if not Pause.objects.exists():
            generations.retry(user_id=person.id, generation_id=wish, now=NOW)
    with pytest.raises(generations.Paused):
        generations.retry(user_id=person.id, generation_id=wish, now=NOW)
    assert (Pause.objects.count(), person.counters().held) == (1, 0)


def test_after_a_pause_it_takes_twenty_more(person: Person) -> None:
    for _ in range(20):
        fail(person, "content_policy")
    later = NOW + timedelta(hours=1, seconds=1)
    for _ in range(19):
        fail(person, "content_policy", later)
    assert Pause.objects.count() == 1
    fail(person, "content_policy", later)
    assert Pause.objects.count() == 2


OPERATOR = Actor("operator", name="ops@example.com")


def test_an_operator_ends_a_pause_and_it_takes_twenty_more_for_the_next(person: Person) -> None:
    for _ in range(20):
        fail(person, "content_policy")
    soon = NOW + timedelta(minutes=5)
    generations.end_pause(user_id=person.id, reason="spoken to", actor=OPERATOR, now=soon)
    for _ in range(19):
        fail(person, "content_policy", soon + timedelta(seconds=1))
    person.send(now=soon + timedelta(seconds=2))
    entry = AuditEntry.objects.get(action="user.pause_ended")
    assert (entry.target_id, entry.actor_name, entry.reason) == (str(person.id), OPERATOR.name, "spoken to")
    assert entry.before == {"paused_until": (NOW + timedelta(hours=1)).isoformat()}


def test_ending_a_pause_twice_is_done_and_audited_once(person: Person) -> None:
    for _ in range(20):
        fail(person, "content_policy")
    generations.end_pause(user_id=person.id, reason="spoken to", actor=OPERATOR, now=NOW)
    with pytest.raises(generations.NotPossible):
        generations.end_pause(user_id=person.id, reason="spoken to", actor=OPERATOR, now=NOW)
    assert AuditEntry.objects.filter(action="user.pause_ended").count() == 1
