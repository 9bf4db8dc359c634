"""The life of a message, updates that are taken once, and questions that are answered once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from nproxy.audit.rules import SYSTEM
from nproxy.kit import redaction
from nproxy.kit.redaction import HIDDEN
from nproxy.telegram import actions as telegram
from nproxy.telegram import queries
from nproxy.telegram.actions import Visitor
from nproxy.telegram.actions.pairing import admit
from nproxy.telegram.models import Message
from nproxy.telegram.rules.asking import Answer

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
CHAT = 1001


def written(**more: object) -> int:
    telegram.write(chat_id=CHAT, text="hello", now=NOW, **more)
    return Message.objects.latest("pk").pk


@pytest.mark.django_db
def test_a_message_is_due_until_what_it_says_was_sent() -> None:
    number = written()
    (due,) = queries.due(NOW)
    assert (due.id, due.number, due.revision) == (number, None, 1)
    telegram.note_sent(message_id=number, revision=1, number=77, now=NOW)
    assert queries.due(NOW) == []
    telegram.show(chat_id=CHAT, number=77, text="other", keyboard=[], now=NOW)
    (due,) = queries.due(NOW)
    assert (due.id, due.number, due.revision, due.text) == (number, 77, 2, "other")


@pytest.mark.django_db
def test_what_changes_while_it_is_sent_is_sent_again() -> None:
    number = written()
    telegram.note_sent(message_id=number, revision=1, number=77, now=NOW)
    telegram.show(chat_id=CHAT, number=77, text="second", keyboard=[], now=NOW)
    telegram.show(chat_id=CHAT, number=77, text="third", keyboard=[], now=NOW)
    telegram.note_sent(message_id=number, revision=2, number=77, now=NOW)
    assert [one.text for one in queries.due(NOW)] == ["third"]


@pytest.mark.django_db
def test_a_failure_waits_longer_each_time_and_giving_up_is_for_good() -> None:
    number = written()
    telegram.note_failed(message_id=number, error="away", now=NOW)
    assert queries.due(NOW) == []
    assert len(queries.due(NOW + timedelta(seconds=2))) == 1
    telegram.note_failed(message_id=number, error="away", now=NOW)
    assert queries.due(NOW + timedelta(seconds=2)) == []
    assert (queries.outbox().waiting, queries.outbox().last_error) == (1, "away")
    telegram.give_up(message_id=number, error="chat not found", now=NOW)
    assert queries.due(NOW + timedelta(days=1)) == []
    assert (queries.outbox().waiting, queries.outbox().given_up) == (0, 1)


@pytest.mark.django_db
def test_a_message_that_is_gone_from_the_chat_is_sent_anew() -> None:
    number = written()
    telegram.note_sent(message_id=number, revision=1, number=77, now=NOW)
    telegram.show(chat_id=CHAT, number=77, text="other", keyboard=[], now=NOW)
    telegram.note_gone(message_id=number, now=NOW)
    assert [one.number for one in queries.due(NOW)] == [None]


@pytest.mark.django_db
def test_an_occasion_is_written_once_and_an_alert_is_never_written_over() -> None:
    assert telegram.write(chat_id=CHAT, text="a", key="summary:1", now=NOW)
    assert not telegram.write(chat_id=CHAT, text="b", key="summary:1", now=NOW)
    number = written(purpose="alert")
    telegram.note_sent(message_id=number, revision=1, number=78, now=NOW)
    telegram.show(chat_id=CHAT, number=78, text="a screen", keyboard=[], now=NOW)
    assert [one.text for one in Message.objects.order_by("pk")] == ["a", "hello", "a screen"]


@pytest.mark.django_db
def test_no_message_and_no_error_holds_a_secret_of_this_installation() -> None:
    redaction.hide("a-secret-of-ours")
    telegram.write(chat_id=CHAT, text="it was a-secret-of-ours, or AIzaSyA1234567890abcdef", now=NOW)
    message = Message.objects.latest("pk")
    assert message.text == f"it was {HIDDEN}, or {HIDDEN}"
    telegram.note_failed(message_id=message.pk, error="a-secret-of-ours: " + "long " * 100, now=NOW)
    message.refresh_from_db()
    assert message.last_error.startswith(f"{HIDDEN}: long")
    assert len(message.last_error) == 255


@pytest.mark.django_db
def test_an_update_is_taken_once_for_each_bot() -> None:
    assert telegram.take(bot_id=1, update_id=5, now=NOW)
    assert not telegram.take(bot_id=1, update_id=5, now=NOW)
    assert telegram.take(bot_id=2, update_id=5, now=NOW)


@pytest.mark.django_db
def test_an_update_whose_handling_failed_is_not_taken() -> None:
    def handle() -> None:
        with transaction.atomic():
            assert telegram.take(bot_id=1, update_id=5, now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        handle()
    assert telegram.take(bot_id=1, update_id=5, now=NOW)


@pytest.mark.django_db
def test_old_messages_and_updates_are_forgotten() -> None:
    written()
    telegram.take(bot_id=1, update_id=5, now=NOW)
    assert telegram.forget_old(now=NOW + timedelta(days=29)) == 0
    assert telegram.take(bot_id=1, update_id=5, now=NOW)
    assert telegram.forget_old(now=NOW + timedelta(days=31)) == 1


def asked(version: str = "v1") -> tuple[str, int]:
    admit(Visitor(CHAT, "Ann"), "operator", SYSTEM, NOW)
    admin_id = queries.admins()[0].id
    token = telegram.ask(admin_id=admin_id, deed="key.activate", target="7", version=version, now=NOW)
    return token, admin_id


def settled(token: str, admin_id: int, *, now: datetime = NOW, version: str = "v1") -> Answer:
    return telegram.settle(token=token, admin_id=admin_id, version=lambda *_: version, now=now).answer


@pytest.mark.django_db
def test_a_question_is_answered_once_by_whom_it_was_asked_while_nothing_has_changed() -> None:
    token, admin_id = asked()
    assert settled(token, admin_id + 1) is Answer.NOT_YOURS
    assert settled("made up", admin_id) is Answer.TOO_LATE
    assert settled(token, admin_id, version="v2") is Answer.CHANGED
    assert settled(token, admin_id, now=NOW + timedelta(seconds=60)) is Answer.TOO_LATE
    assert settled(token, admin_id, now=NOW + timedelta(seconds=59)) is Answer.GO
    assert settled(token, admin_id) is Answer.USED


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_do_the_deed_once() -> None:
    token, admin_id = asked()
    done: list[Answer] = []

    def tap() -> None:
        try:
            done.append(settled(token, admin_id))
        finally:
            connection.close()

    _at_once(tap, 4)
    assert sorted(each.value for each in done) == ["go", "used", "used", "used"]


@pytest.mark.django_db(transaction=True)
def test_two_questions_about_one_thing_do_not_both_go_through() -> None:
    """Both were asked of the same state; whoever is second finds another one."""
    first, admin_id = asked()
    second = telegram.ask(admin_id=admin_id, deed="key.activate", target="7", version="v1", now=NOW)
    state, done = ["v1"], []

    def tap(token: str) -> None:
        try:
            with transaction.atomic():
                found = telegram.settle(token=token, admin_id=admin_id, version=lambda *_: state[0], now=NOW)
                if found.answer is Answer.GO:
                    state[0] = "v2"
            done.append(found.answer)
        finally:
            connection.close()

    tokens = iter([first, second])
    _at_once(lambda: tap(next(tokens)), 2)
    assert sorted(each.value for each in done) == ["changed", "go"]


def _at_once(step: Callable[[], None], times: int) -> None:
    threads = [threading.Thread(target=step) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
