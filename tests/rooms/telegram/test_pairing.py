"""How somebody gets into the bot, and out of it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from nproxy.audit import queries as audit
from nproxy.audit.rules import Actor
from nproxy.notifications.models import Alert
from nproxy.telegram import actions as telegram
from nproxy.telegram import queries, requests
from nproxy.telegram.actions import Visitor
from nproxy.telegram.models import Admin, Message, Pairing
from nproxy.telegram.rules.codes import code_for
from nproxy.telegram.rules.pairing import Reply

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
ANN, BOB = Visitor(1001, "Ann <b>Admin</b>", "ann"), Visitor(1002, "Bob")


def code_of(visitor: Visitor) -> str:
    request = Pairing.objects.filter(telegram_id=visitor.telegram_id).latest("requested_at")
    return code_for(request.pk, requests.secret())


def let_in(visitor: Visitor, operator: Actor, role: str = "operator", now: datetime = NOW) -> None:
    telegram.greet(visitor=visitor, now=now)
    telegram.pair(code=code_of(visitor), role=role, actor=operator, now=now)


def sent_to(visitor: Visitor) -> list[str]:
    return [one.text for one in queries.due(NOW + timedelta(days=1)) if one.chat_id == visitor.telegram_id]


@pytest.mark.django_db
def test_a_stranger_is_told_a_code_that_no_table_holds() -> None:
    assert telegram.greet(visitor=ANN, now=NOW) is Reply.NEW_CODE
    code = code_of(ANN)
    (said,) = sent_to(ANN)
    assert f"nproxy pair {code}" in said
    with connection.cursor() as cursor:
        for table in ("telegram_pairing", "telegram_message", "audit_auditentry"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            assert code not in cursor.fetchone()[0]


@pytest.mark.django_db
def test_the_same_code_is_sent_again_at_most_once_a_minute_and_its_hour_does_not_grow() -> None:
    telegram.greet(visitor=ANN, now=NOW)
    code = code_of(ANN)
    assert telegram.greet(visitor=ANN, now=NOW + timedelta(seconds=59)) is Reply.NOTHING
    assert telegram.greet(visitor=ANN, now=NOW + timedelta(seconds=61)) is Reply.SAME_CODE
    assert code_of(ANN) == code
    assert len(sent_to(ANN)) == 2
    assert telegram.greet(visitor=ANN, now=NOW + timedelta(hours=1)) is Reply.NEW_CODE
    assert code_of(ANN) != code


@pytest.mark.django_db
def test_three_strangers_wait_and_a_fourth_hears_nothing_until_one_is_gone(operator: Actor) -> None:
    strangers = [Visitor(number, f"Stranger {number}") for number in range(1, 5)]
    replies = [telegram.greet(visitor=one, now=NOW) for one in strangers]
    assert replies == [Reply.NEW_CODE] * 3 + [Reply.NOTHING]
    telegram.reject(code=code_of(strangers[0]), actor=operator, now=NOW)
    assert telegram.greet(visitor=strangers[3], now=NOW) is Reply.NEW_CODE
    assert len(queries.waiting(NOW)) == 3
    assert queries.waiting(NOW + timedelta(hours=1)) == []


@pytest.mark.django_db
def test_pairing_greets_the_person_tells_the_others_and_is_on_record(operator: Actor) -> None:
    let_in(ANN, operator)
    let_in(BOB, operator, role="viewer")
    assert [(one.name, one.role) for one in queries.admins()] == [(ANN.name, "operator"), ("Bob", "viewer")]
    assert "You are in, Ann &lt;b&gt;Admin&lt;/b&gt;." in sent_to(ANN)[1]
    assert "<b>Bob</b> is paired now, as viewer" in sent_to(ANN)[2]
    assert [entry.action for entry in audit.entries()] == [
        "telegram_admin.paired",
        "telegram_pairing.requested",
    ] * 2
    assert audit.entries()[0].actor_name == operator.name


@pytest.mark.django_db
def test_the_record_of_a_stranger_says_what_was_before_and_what_is_after(operator: Actor) -> None:
    telegram.greet(visitor=BOB, now=NOW)
    telegram.reject(code=code_of(BOB), actor=operator, now=NOW)
    rejected, requested = audit.entries()
    waiting = {"telegram_id": BOB.telegram_id, "name": BOB.name, "username": BOB.username, "state": "pending"}
    assert (requested.before, requested.after) == (None, waiting)
    assert (rejected.before, rejected.after) == (waiting, {**waiting, "state": "rejected"})


@pytest.mark.django_db
def test_a_code_is_good_once_for_an_hour_and_each_refusal_has_its_own_name(operator: Actor) -> None:
    telegram.greet(visitor=ANN, now=NOW)
    code = code_of(ANN)
    with pytest.raises(telegram.UnknownCode):
        telegram.pair(code="AAAAAAAA", role="operator", actor=operator, now=NOW)
    with pytest.raises(telegram.CodeExpired):
        telegram.pair(code=code, role="operator", actor=operator, now=NOW + timedelta(hours=1))
    telegram.pair(code=code.lower(), role="operator", actor=operator, now=NOW)
    with pytest.raises(telegram.CodeUsed):
        telegram.pair(code=code, role="operator", actor=operator, now=NOW)
    assert Admin.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_code_typed_twice_at_once_pairs_once(operator: Actor) -> None:
    telegram.greet(visitor=ANN, now=NOW)
    code, ends = code_of(ANN), []

    def pair() -> None:
        try:
            telegram.pair(code=code, role="operator", actor=operator, now=NOW)
            ends.append("paired")
        except telegram.CodeUsed:
            ends.append("used")
        finally:
            connection.close()

    threads = [threading.Thread(target=pair) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["paired", "used", "used", "used"]
    assert Message.objects.filter(key__startswith="greeting:").count() == 1


@pytest.mark.django_db
def test_an_invitation_lets_one_person_in_past_a_full_queue(operator: Actor) -> None:
    for number in range(1, 4):
        telegram.greet(visitor=Visitor(number, "Stranger"), now=NOW)
    word = telegram.invite(role="viewer", actor=operator, now=NOW)
    assert not telegram.accept(word=word[:-1], visitor=ANN, now=NOW)
    assert not telegram.accept(word=word, visitor=ANN, now=NOW + timedelta(hours=1))
    assert telegram.accept(word=word, visitor=ANN, now=NOW)
    assert not telegram.accept(word=word, visitor=BOB, now=NOW)
    assert [(one.telegram_id, one.role) for one in queries.admins()] == [(ANN.telegram_id, "viewer")]


@pytest.mark.django_db
def test_who_is_revoked_is_off_the_list_at_once_and_may_be_paired_again(operator: Actor) -> None:
    let_in(ANN, operator)
    let_in(BOB, operator)
    assert telegram.revoke(who="@ANN", actor=operator, now=NOW) == ANN.name
    assert queries.admin(ANN.telegram_id) is None
    assert "no longer paired" in sent_to(BOB)[-1]
    with pytest.raises(telegram.UnknownAdmin):
        telegram.revoke(who="", actor=operator, now=NOW)
    with pytest.raises(telegram.UnknownAdmin):
        telegram.revoke(who=str(ANN.telegram_id), actor=operator, now=NOW)
    let_in(ANN, operator, now=NOW + timedelta(minutes=2))
    assert queries.admin(ANN.telegram_id) is not None
    assert telegram.revoke(who=str(BOB.telegram_id), actor=operator, now=NOW) == "Bob"


@pytest.mark.django_db
def test_an_admin_who_blocks_the_bot_is_marked_and_the_others_are_told_once(operator: Actor) -> None:
    let_in(ANN, operator)
    for _ in range(2):
        telegram.note_blocked(telegram_id=ANN.telegram_id, now=NOW)
    telegram.note_blocked(telegram_id=4242, now=NOW)
    assert [(alert.kind, alert.subject) for alert in Alert.objects.all()] == [("admins.blocked", ANN.name)]
    assert queries.admins()[0].blocked_at == NOW
    telegram.note_back(telegram_id=ANN.telegram_id)
    assert queries.admins()[0].blocked_at is None
