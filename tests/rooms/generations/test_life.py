"""The states of a generation, and who may change them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.rooms.generations.conftest import NOW, Person

from nproxy.assets.actions import StoredImage
from nproxy.generations import actions as generations
from nproxy.generations import lease as leases
from nproxy.generations.models import Generation
from nproxy.generations.rules import SILENCE
from nproxy.notifications.models import Alert
from nproxy.quota import queries as quota

LATER = NOW + timedelta(seconds=10)


def begin(generation_id: UUID) -> leases.Lease:
    lease = leases.begin(generation_id, NOW)
    assert lease is not None
    return lease


def row(generation_id: UUID) -> Generation:
    return Generation.objects.get(pk=generation_id)


def finish(lease: leases.Lease, picture: Callable[[int], StoredImage]) -> None:
    leases.finish(lease, picture(lease.user_id), 1.5, LATER)


def test_a_finished_generation_has_its_picture_and_used_one_request(
    person: Person, picture: Callable[[int], StoredImage]
) -> None:
    wish = person.wish()
    finish(begin(wish), picture)
    assert (row(wish).status, row(wish).asset_id is not None) == ("succeeded", True)
    assert (person.counters().used, person.counters().held) == (1, 0)


def test_a_failed_generation_costs_nothing_and_names_a_reference(person: Person) -> None:
    wish = person.wish()
    leases.fail(begin(wish), "service_unavailable", LATER)
    assert (row(wish).status, row(wish).error_code, len(row(wish).error_reference)) == (
        "failed",
        "service_unavailable",
        8,
    )
    assert (person.counters().used, person.counters().held) == (0, 0)


def test_a_second_worker_cannot_begin_what_is_running(person: Person) -> None:
    wish = person.wish()
    begin(wish)
    assert leases.begin(wish, LATER) is None


def test_a_worker_that_lost_its_lease_changes_nothing(
    person: Person, picture: Callable[[int], StoredImage]
) -> None:
    wish = person.wish()
    old = begin(wish)
    generations.recover(now=NOW + SILENCE + timedelta(seconds=1))
    new = begin(wish)
    for late in (
        lambda: finish(old, picture),
        lambda: leases.fail(old, "internal", LATER),
        lambda: leases.enter_saving(old, LATER),
    ):
        with pytest.raises(leases.LeaseLost):
            late()
    assert not leases.beat(old, LATER)
    assert not leases.hand_back(old)
    finish(new, picture)
    assert person.counters().used == 1


def test_cancelling_in_line_ends_it_at_once(person: Person) -> None:
    wish = person.wish()
    generations.cancel(user_id=person.id, generation_id=wish, now=LATER)
    assert row(wish).status == "canceled"
    assert person.counters().held == 0
    assert leases.begin(wish, LATER) is None


def test_cancelling_a_running_one_drops_its_result_and_counts_as_pending_until_the_worker_lets_go(
    person: Person, picture: Callable[[int], StoredImage]
) -> None:
    wishes = [person.wish() for _ in range(8)]
    lease = begin(wishes[0])
    generations.cancel(user_id=person.id, generation_id=wishes[0], now=LATER)
    assert person.counters().held == 7
    with pytest.raises(leases.LeaseLost):
        finish(lease, picture)
    with pytest.raises(generations.TooManyPending):
        person.wish()
    leases.let_go(lease)
    person.wish()


def test_cancelling_a_turn_keeps_what_is_done(person: Person, picture: Callable[[int], StoredImage]) -> None:
    started = person.send(batch=4)
    finish(begin(started.generations[0][0]), picture)
    assert generations.cancel_turn(user_id=person.id, turn_id=started.turn_id, now=LATER) == 3
    states = (
        Generation.objects.filter(turn_id=started.turn_id)
        .order_by("position")
        .values_list("status", flat=True)
    )
    assert list(states) == ["succeeded", "canceled", "canceled", "canceled"]
    assert (person.counters().used, person.counters().held) == (1, 0)


def test_what_is_done_cannot_be_cancelled_or_retried(
    person: Person, picture: Callable[[int], StoredImage]
) -> None:
    wish = person.wish()
    finish(begin(wish), picture)
    for verb in (generations.cancel, generations.retry):
        with pytest.raises(generations.NotPossible):
            verb(user_id=person.id, generation_id=wish, now=LATER)


def test_nobody_touches_the_generation_of_someone_else(
    person: Person, make_person: Callable[..., Person]
) -> None:
    wish, stranger = person.wish(), make_person()
    for verb in (generations.cancel, generations.retry, generations.delete):
        with pytest.raises(generations.UnknownGeneration):
            verb(user_id=stranger.id, generation_id=wish, now=LATER)


def test_a_retry_takes_a_new_hold_in_the_same_place(
    person: Person, picture: Callable[[int], StoredImage]
) -> None:
    wish = person.wish()
    leases.fail(begin(wish), "no_image", LATER)
    generations.retry(user_id=person.id, generation_id=wish, now=LATER)
    assert (row(wish).status, row(wish).ordinal, row(wish).error_code) == ("queued", 2, "")
    assert person.counters().held == 1
    finish(begin(wish), picture)
    assert person.counters().used == 1
    assert quota.verify() == []


def test_a_canceled_run_is_not_retried_until_its_worker_lets_go(person: Person) -> None:
    wish = person.wish()
    lease = begin(wish)
    generations.cancel(user_id=person.id, generation_id=wish, now=LATER)
    before = Generation.objects.filter(pk=wish).values().get()
    with pytest.raises(generations.StillStopping):
        generations.retry(user_id=person.id, generation_id=wish, now=LATER)
    assert Generation.objects.filter(pk=wish).values().get() == before
    assert person.counters().held == 0
    leases.let_go(lease)
    generations.retry(user_id=person.id, generation_id=wish, now=LATER)
    assert (row(wish).status, person.counters().held) == ("queued", 1)


def test_cancelling_and_retrying_in_turns_buys_no_more_runs_than_may_be_pending(person: Person) -> None:
    wishes = [person.wish() for _ in range(8)]
    for wish in wishes:
        begin(wish)
        generations.cancel(user_id=person.id, generation_id=wish, now=LATER)
        with pytest.raises(generations.StillStopping):
            generations.retry(user_id=person.id, generation_id=wish, now=LATER)
    with pytest.raises(generations.TooManyPending):
        person.wish()


def test_a_dead_worker_is_no_obstacle_to_a_retry(person: Person) -> None:
    wish = person.wish()
    dead = begin(wish)
    generations.cancel(user_id=person.id, generation_id=wish, now=LATER)
    with pytest.raises(generations.StillStopping):
        generations.retry(user_id=person.id, generation_id=wish, now=NOW + SILENCE - timedelta(seconds=1))
    generations.retry(user_id=person.id, generation_id=wish, now=NOW + SILENCE)
    assert (row(wish).status, row(wish).lease_token) == ("queued", None)
    leases.let_go(dead)
    assert row(wish).status == "queued"


def test_a_retry_checks_access_again(person: Person) -> None:
    wish = person.wish()
    leases.fail(begin(wish), "no_image", LATER)
    with pytest.raises(generations.NoActiveCycle):
        generations.retry(user_id=person.id, generation_id=wish, now=NOW.replace(month=12))
    assert row(wish).status == "failed"


def test_deleting_an_open_generation_cancels_it(person: Person) -> None:
    wish = person.wish()
    generations.delete(user_id=person.id, generation_id=wish, now=LATER)
    assert (row(wish).status, row(wish).deleted_at) == ("canceled", LATER)
    assert person.counters().held == 0
    with pytest.raises(generations.UnknownGeneration):
        generations.delete(user_id=person.id, generation_id=wish, now=LATER)


def test_a_killed_worker_s_generation_is_back_in_line_once_and_then_fails(person: Person) -> None:
    wish = person.wish()
    for crash, outcome in enumerate(["queued", "failed"]):
        moment = NOW + crash * timedelta(minutes=5)
        assert leases.begin(wish, moment) is not None
        assert generations.recover(now=moment + SILENCE - timedelta(seconds=1)) == 0
        assert generations.recover(now=moment + SILENCE + timedelta(seconds=1)) == 1
        assert row(wish).status == outcome
    assert row(wish).error_code == "internal"
    assert person.counters().held == 0
    assert Alert.objects.filter(kind="generation.abandoned").count() == 1


def test_a_generation_handed_back_is_in_line_with_a_fresh_job_and_no_crash_on_its_account(
    person: Person,
) -> None:
    wish = person.wish()
    first_job = row(wish).job_id
    assert leases.hand_back(begin(wish))
    assert (row(wish).status, row(wish).crashes) == ("queued", 0)
    assert row(wish).job_id != first_job
    assert person.counters().held == 1


def test_a_queued_generation_whose_job_is_gone_gets_another(person: Person) -> None:
    wish = person.wish()
    ProcrastinateJob.objects.all()._raw_delete("default")
    assert generations.recover(now=NOW + timedelta(seconds=20)) == 0
    assert generations.recover(now=NOW + timedelta(seconds=40)) == 1
    assert ProcrastinateJob.objects.filter(id=row(wish).job_id, status="todo").exists()
    assert generations.recover(now=NOW + timedelta(seconds=80)) == 0


@pytest.mark.django_db(transaction=True)
def test_finish_cancel_and_recovery_racing_for_one_generation_have_one_winner(
    picture: Callable[[int], StoredImage],
) -> None:
    person = Person(limit=50)
    for _ in range(10):
        lease = begin(person.wish())
        stored = picture(person.id)

        def finishing(lease: leases.Lease = lease, stored: StoredImage = stored) -> str:
            leases.finish(lease, stored, 1.0, LATER)
            return "succeeded"

        def failing(lease: leases.Lease = lease) -> str:
            leases.fail(lease, "internal", LATER)
            return "failed"

        def cancelling(lease: leases.Lease = lease) -> str:
            generations.cancel(user_id=person.id, generation_id=lease.generation_id, now=LATER)
            return "canceled"

        def attempt(verb: Callable[[], str]) -> str | None:
            try:
                return verb()
            except (leases.LeaseLost, generations.NotPossible):
                return None
            finally:
                connection.close()

        with ThreadPoolExecutor(3) as racers:
            winners = [name for name in racers.map(attempt, [finishing, failing, cancelling]) if name]
        assert winners == [row(lease.generation_id).status]
    assert person.counters().held == 0
    outcomes = Counter(Generation.objects.values_list("status", flat=True))
    assert person.counters().used == outcomes["succeeded"]
    assert quota.verify() == []


def test_a_repeated_job_for_something_done_changes_nothing(
    person: Person, picture: Callable[[int], StoredImage]
) -> None:
    wish = person.wish()
    finish(begin(wish), picture)
    before = Generation.objects.filter(pk=wish).values().get()
    assert leases.begin(wish, LATER) is None
    assert leases.begin(uuid4(), LATER) is None
    assert Generation.objects.filter(pk=wish).values().get() == before
