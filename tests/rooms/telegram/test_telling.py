"""Incidents become messages to everybody on the list, in Telegram's measure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from nproxy.audit.rules import SYSTEM
from nproxy.notifications import actions as notifications
from nproxy.notifications.models import Alert, Incident
from nproxy.telegram import actions as telegram
from nproxy.telegram import queries
from nproxy.telegram.actions import Visitor
from nproxy.telegram.actions.pairing import admit
from nproxy.telegram.models import Message

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
ANN, BOB = 1001, 1002

pytestmark = pytest.mark.django_db


@pytest.fixture
def admins() -> None:
    for number, name, role in ((ANN, "Ann", "operator"), (BOB, "Bob", "viewer")):
        admit(Visitor(number, name), role, SYSTEM, NOW - timedelta(days=1))
    Message.objects.all().delete()


def happens(kind: str, subject: str = "", at: datetime = NOW, severity: str = "warning") -> None:
    notifications.alert(kind=kind, subject=subject, severity=severity, text=f"{kind} happened.", now=at)


def passes(now: datetime) -> None:
    """What the bot does every second."""
    notifications.gather(now=now)
    telegram.tell_incidents(now=now)


def alerts(chat: int = ANN) -> list[Message]:
    return list(Message.objects.filter(chat_id=chat, purpose="alert").order_by("pk"))


def send_all(now: datetime) -> None:
    for one in queries.due(now):
        telegram.note_sent(message_id=one.id, revision=one.revision, number=one.number or one.id, now=now)


def test_a_thousand_failures_in_a_minute_are_one_message_that_counts(admins: None) -> None:
    for second in range(60):
        for _ in range(17):
            happens("keys.cooldown", "main 1", NOW + timedelta(seconds=second))
        passes(NOW + timedelta(seconds=second))
    send_all(NOW + timedelta(seconds=60))
    passes(NOW + timedelta(minutes=6))
    (message,) = alerts()
    assert "1,020 times" in message.text
    assert (message.revision, message.sent_revision) == (2, 1)
    assert len(alerts(BOB)) == 1


def test_an_operator_may_act_from_the_message_and_a_viewer_may_not(admins: None) -> None:
    happens("keys.out_of_funds", "main 1")
    passes(NOW + timedelta(seconds=31))
    (for_ann,), (for_bob,) = alerts(ANN), alerts(BOB)
    assert [label for row in for_ann.keyboard for label, _ in row] == [
        "Return to service",
        "Details",
        "Quiet for 4 h",
    ]
    assert [label for row in for_bob.keyboard for label, _ in row] == ["Details"]


def test_the_recovery_is_a_message_of_its_own_and_ends_the_incident(admins: None) -> None:
    happens("keys.out_of_funds", "main 1")
    passes(NOW + timedelta(seconds=31))
    notifications.recovered(
        kind="keys.out_of_funds", subject="main 1", text="Topped up.", now=NOW + timedelta(minutes=9)
    )
    passes(NOW + timedelta(minutes=9))
    trouble, over = alerts()
    assert "Over: Key is out of funds" in over.text
    assert "after 9 min" in over.text
    assert over.keyboard == []
    assert trouble.text != over.text
    assert Incident.objects.get().closed_at is not None


def test_the_end_of_what_was_only_for_information_changes_its_message_and_rings_nobody(admins: None) -> None:
    happens("keys.cooldown", "main 1", severity="info")
    passes(NOW + timedelta(seconds=31))
    send_all(NOW + timedelta(seconds=32))
    notifications.recovered(
        kind="keys.cooldown", subject="main 1", text="It is back.", now=NOW + timedelta(minutes=5)
    )
    passes(NOW + timedelta(minutes=5))
    (message,) = alerts()
    assert message.text.startswith("✅ <b>Over: Key cools down · main 1</b>")
    assert (message.keyboard, message.revision) == ([], 2)
    assert Incident.objects.get().closed_at is not None


def test_what_is_over_within_the_first_half_minute_is_never_told(admins: None) -> None:
    happens("proxies.failing", "berlin")
    passes(NOW + timedelta(seconds=5))
    notifications.recovered(
        kind="proxies.failing", subject="berlin", text="", now=NOW + timedelta(seconds=20)
    )
    passes(NOW + timedelta(minutes=1))
    assert alerts() == []


def test_an_exhausted_pool_speaks_for_its_keys(admins: None) -> None:
    happens("keys.pool_exhausted", "nano_banana", severity="critical")
    for number in range(9):
        happens("keys.out_of_funds", f"main {number}")
    passes(NOW + timedelta(minutes=1))
    assert [message.text.splitlines()[0] for message in alerts()] == [
        "🔴 <b>No key is left · nano_banana</b>"
    ]


def test_at_night_only_what_is_critical_is_told_and_the_rest_in_the_morning(
    admins: None, settings: Settings
) -> None:
    settings.NPROXY_QUIET_HOURS = (11, 14)
    happens("keys.out_of_funds", "main 1")
    happens("keys.pool_exhausted", "nano_banana", severity="critical")
    passes(NOW + timedelta(minutes=1))
    assert len(alerts()) == 1
    notifications.recovered(
        kind="keys.pool_exhausted", subject="nano_banana", text="", now=NOW + timedelta(hours=1)
    )
    passes(NOW + timedelta(hours=2))
    assert [message.text.splitlines()[0] for message in alerts()][1:] == [
        "🟠 <b>Key is out of funds · main 1</b>",
        "✅ <b>Over: No key is left · nano_banana</b>",
    ]


def test_beyond_fifteen_messages_one_digest_says_the_rest_and_critical_ones_pass(admins: None) -> None:
    for number in range(40):
        happens("payment.in_review", f"order {number}")
    passes(NOW + timedelta(minutes=1))
    happens("keys.pool_exhausted", "nano_banana", NOW + timedelta(minutes=1), severity="critical")
    passes(NOW + timedelta(minutes=2))
    texts = [message.text for message in alerts()]
    assert len(texts) == 17
    assert texts[15].startswith("🗂 <b>25 more alerts</b>")
    assert "No key is left" in texts[16]
    assert Incident.objects.filter(told_at=None).count() == 0


def test_without_anybody_to_tell_alerts_wait_for_the_first_who_is_paired() -> None:
    happens("keys.pool_exhausted", "nano_banana", severity="critical")
    passes(NOW + timedelta(hours=1))
    assert Alert.objects.filter(sent_at=None).count() == 1
    admit(Visitor(ANN, "Ann"), "operator", SYSTEM, NOW)
    passes(NOW + timedelta(hours=2))
    assert len(alerts()) == 1
    send_all(NOW + timedelta(hours=2))
    assert Alert.objects.filter(sent_at=None).count() == 0


def test_whoever_blocked_the_bot_is_not_written_to(admins: None) -> None:
    telegram.note_blocked(telegram_id=ANN, now=NOW)
    passes(NOW + timedelta(minutes=1))
    assert alerts(ANN) == []
    assert "An admin blocked the bot · Ann" in alerts(BOB)[0].text


def test_no_credential_passes_into_a_message(admins: None) -> None:
    secret = "AIzaSyD-0123456789abcdefghijklmnopqrstu"
    notifications.alert(kind="keys.misconfigured", text=f"refused {secret}", now=NOW, severity="critical")
    passes(NOW + timedelta(minutes=1))
    assert secret not in alerts()[0].text
