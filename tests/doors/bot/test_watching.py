"""What the bot sees by itself: silent workers, a clock that stands, keys that are back, and the day in one message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from pytest_django import Settings

from nproxy.accounts.models import User
from nproxy.audit.rules import SYSTEM
from nproxy.bot import summary, watching
from nproxy.generations import queries as generations
from nproxy.generations.figures import Outcomes
from nproxy.kit import presence
from nproxy.notifications import actions as notifications
from nproxy.notifications import queries as news
from nproxy.providers import actions as providers
from nproxy.providers.rules.balance import Balance
from nproxy.providers.rules.telling import Told
from nproxy.providers.rules.verdict import Classified, Verdict
from nproxy.telegram.actions import Visitor
from nproxy.telegram.actions.pairing import admit
from nproxy.telegram.models import Message

NOW = datetime(2026, 11, 26, 9, 5, tzinfo=UTC)

pytestmark = pytest.mark.django_db


WORKER = UUID(int=1)


@pytest.fixture(autouse=True)
def _well() -> None:
    """A worker and a clock that gave a sign of life a moment ago."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_periodic_defers")
        cursor.execute(
            "INSERT INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)"
            " VALUES ('clock.x', '', %s)",
            [int(NOW.timestamp())],
        )
    signs_of_life(NOW)


def signs_of_life(now: datetime) -> None:
    presence.beat(WORKER, kind="worker", started_at=NOW, long_polls=0, now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_periodic_defers SET defer_timestamp = %s", [int(now.timestamp())]
        )


def watch(now: datetime) -> list[str]:
    """What is open and has not recovered after another look."""
    watching.watch(now)
    notifications.gather(now=now)
    return sorted(one.standing.kind for one in news.open_incidents() if one.standing.recovered_at is None)


def test_silence_of_workers_and_clock_is_told_once_and_so_is_its_end() -> None:
    assert watch(NOW) == []
    later = NOW + timedelta(minutes=7)
    assert watch(later) == ["clock.late", "workers.silent"]
    assert watch(later + timedelta(seconds=15)) == ["clock.late", "workers.silent"]
    assert {one.standing.count for one in news.open_incidents()} == {1}
    signs_of_life(later)
    assert watch(later + timedelta(seconds=30)) == []
    assert {one.standing.recovery for one in news.open_incidents()} == {"All is well again."}


def test_a_rate_that_gets_milder_is_not_counted_at_every_look(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = iter([(4, 16), (15, 5), (15, 5), (4, 16), (20, 0)])
    monkeypatch.setattr(generations, "outcomes", lambda *_: Outcomes(*next(rates), 0, 0))
    for look in range(4):
        assert watch(NOW + timedelta(seconds=look)) == ["generations.error_rate"]
        (rate,) = news.open_incidents()
        assert (rate.standing.severity, rate.standing.count) == ("critical", 1)
    assert watch(NOW + timedelta(seconds=5)) == []


def key(label: str = "main 1") -> int:
    return providers.add_key(
        provider="openrouter",
        label=label,
        secret=f"sk-or-v1-sandbox-ok-{label.replace(' ', '-')}-0123456789",
        actor=SYSTEM,
        now=NOW - timedelta(hours=1),
    )


def told(microusd: int) -> Told:
    return Told(Classified(Verdict.SUCCESS), Balance(remaining_microusd=microusd))


def test_a_key_without_funds_is_told_and_its_return_too() -> None:
    key_id = key()
    providers.keep_balance(key_id=key_id, told=told(0), asked_at=NOW)
    assert watch(NOW) == ["keys.out_of_funds"]
    providers.activate(key_id=key_id, reason="topped up", actor=SYSTEM, now=NOW)
    assert watch(NOW + timedelta(seconds=15)) == []
    assert news.open_incidents()[0].standing.recovery == "Key main 1 is in service again."


def test_a_pool_is_back_when_a_key_is() -> None:
    notifications.alert(
        kind="keys.pool_exhausted", subject="nano_banana", text="none", now=NOW, severity="critical"
    )
    assert "keys.pool_exhausted" in watch(NOW + timedelta(minutes=2))
    key()
    assert "keys.pool_exhausted" not in watch(NOW + timedelta(minutes=3))


def test_the_day_is_one_message_to_everybody_who_was_there_at_its_hour(settings: Settings) -> None:
    settings.NPROXY_SUMMARY_HOUR = 9
    admit(Visitor(1001, "Ann"), "operator", SYSTEM, NOW - timedelta(days=1))
    admit(Visitor(1002, "Ben"), "viewer", SYSTEM, NOW)
    Message.objects.all().delete()
    key_id = key()
    providers.keep_balance(key_id=key_id, told=told(0), asked_at=NOW)
    user = User.objects.create_user("dora@example.com", "seven purple kettles")
    User.objects.filter(pk=user.pk).update(created_at=NOW - timedelta(hours=2))
    for minute in range(0, 360, 30):
        summary.send_if_due(NOW + timedelta(minutes=minute))
    (message,) = Message.objects.filter(purpose="summary")
    assert message.chat_id == 1001
    for words in (
        "Thursday, 26 November",
        "1 new people",
        "$0 from 0 orders",
        "main 1 $0.00",
        "Needs a hand: main 1",
    ):
        assert words in message.text
    summary.send_if_due(NOW + timedelta(days=1))
    assert Message.objects.filter(purpose="summary").count() == 3


def test_a_summary_that_is_too_late_is_left_out(settings: Settings) -> None:
    settings.NPROXY_SUMMARY_HOUR = 1
    admit(Visitor(1001, "Ann"), "operator", SYSTEM, NOW - timedelta(days=2))
    summary.send_if_due(NOW)
    assert not Message.objects.filter(purpose="summary").exists()
