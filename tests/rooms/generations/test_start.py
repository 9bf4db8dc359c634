"""Submitting a turn: all of it or nothing, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings
from tests.rooms.generations.conftest import NOW, Person

from nproxy.conversations.models import Turn
from nproxy.generations import actions as generations
from nproxy.generations import queries
from nproxy.generations.models import Generation
from nproxy.quota import queries as quota
from nproxy.quota.models import Quota
from nproxy.quota.rules import Counters


def test_a_turn_is_held_queued_and_deferred_in_one_go(person: Person) -> None:
    started = person.send(batch=4)
    rows = Generation.objects.filter(turn_id=started.turn_id)
    assert [status for _, status in started.generations] == ["queued"] * 4
    assert person.counters() == Counters(limit=20, used=0, held=4)
    jobs = ProcrastinateJob.objects.filter(id__in=[row.job_id for row in rows])
    assert {job.args["generation_id"] for job in jobs} == {str(row.id) for row in rows}


def test_the_page_learns_of_a_new_turn_by_its_version(person: Person) -> None:
    before = queries.news(person.id, 0).cursor
    started = person.send(batch=2)
    news = queries.news(person.id, before)
    assert news.cursor > before
    assert [view.id for view in news.generations] == [
        generation_id for generation_id, _ in started.generations
    ]
    assert queries.news(person.id, news.cursor).generations == []


def test_a_page_that_missed_very_much_learns_of_it_moment_by_moment(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "NEWS_AT_ONCE", 3)
    sent = [
        {generation_id for generation_id, _ in person.send(batch=batch).generations} for batch in (2, 2, 4)
    ]
    cursor, told = 0, []
    while (news := queries.news(person.id, cursor)).generations:
        told.append({view.id for view in news.generations})
        cursor = news.cursor
    assert told == [sent[0] | sent[1], sent[2]]
    assert cursor == queries.news(person.id, cursor).cursor


def test_sending_the_same_twice_is_one_turn(person: Person) -> None:
    client_id = uuid4()
    first, second = person.send(client_id=client_id), person.send(client_id=client_id)
    assert (second.turn_id, second.repeated) == (first.turn_id, True)
    assert person.counters().held == 1


def test_the_same_client_id_with_another_body_is_refused(person: Person) -> None:
    client_id = uuid4()
    person.send(client_id=client_id)
    with pytest.raises(generations.ClientIdReused):
        person.send(client_id=client_id, prompt="something else")


def test_a_batch_that_the_quota_does_not_cover_leaves_nothing_behind(
    make_person: Callable[..., Person], db: None
) -> None:
    person = make_person(limit=3)
    with pytest.raises(generations.NotEnoughLeft):
        person.send(batch=4)
    assert not Turn.objects.exists()
    assert not ProcrastinateJob.objects.exists()
    assert person.counters().held == 0


def test_nothing_is_accepted_from_the_second_the_cycle_ends(person: Person) -> None:
    with pytest.raises(generations.NoActiveCycle):
        person.send(now=NOW.replace(month=12))
    person.send(now=NOW.replace(month=12) - timedelta(seconds=1))


def test_nothing_is_accepted_while_suspended(person: Person) -> None:
    Quota.objects.update(suspended=True)
    with pytest.raises(generations.Suspended):
        person.send()


def test_more_than_the_allowed_pending_are_refused(person: Person, settings: Settings) -> None:
    settings.NPROXY_MAX_PENDING_PER_USER = 5
    person.send(batch=4)
    with pytest.raises(generations.TooManyPending):
        person.send(batch=2)
    person.send()
    assert person.counters().held == 5


def test_a_conversation_of_someone_else_is_unknown(
    person: Person, make_person: Callable[..., Person]
) -> None:
    stranger = make_person()
    stranger.conversation = person.conversation
    with pytest.raises(generations.UnknownConversation):
        stranger.send()


def test_a_source_of_someone_else_is_unknown(person: Person) -> None:
    with pytest.raises(generations.UnknownSource):
        generations.start(
            user_id=person.id,
            conversation_id=person.conversation,
            client_id=uuid4(),
            wish=generations.Wish("edit", "image_to_image", "1K", "auto", "subtle", 1),
            source_ids=[uuid4()],
            now=NOW,
        )


@pytest.mark.django_db(transaction=True)
def test_twenty_clicks_on_send_at_once_make_one_turn() -> None:
    person, client_id = Person(), uuid4()

    def click(_: int) -> bool:
        try:
            return person.send(batch=2, client_id=client_id).repeated
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as clicks:
        assert Counter(clicks.map(click, range(20))) == {False: 1, True: 19}
    assert person.counters().held == 2


@pytest.mark.django_db(transaction=True)
def test_forty_submits_at_once_never_pass_the_pending_limit_or_the_quota() -> None:
    person = Person(limit=100)

    def submit(_: int) -> str:
        try:
            person.send()
        except generations.TooManyPending:
            return "refused"
        finally:
            connection.close()
        return "accepted"

    with ThreadPoolExecutor(20) as submits:
        assert Counter(submits.map(submit, range(40))) == {"accepted": 8, "refused": 32}
    assert person.counters().held == 8
    assert quota.verify() == []
