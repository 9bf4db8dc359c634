"""`nproxy doctor`, and trying a key, against a provider that answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from django.db import connection
from django.utils import timezone

from nproxy.accounts import queries as people
from nproxy.audit.rules import SYSTEM
from nproxy.cli.root import nproxy
from nproxy.kit import presence
from nproxy.notifications import actions as notifications
from nproxy.providers import queries as pool
from nproxy.telegram import actions as telegram_room
from nproxy.telegram.actions import Visitor
from nproxy.telegram.actions.pairing import admit
from nproxy_sandbox.testing import running_gemini, running_nowpayments

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _provider(settings: Any) -> Iterator[None]:
    with running_gemini() as gemini:
        settings.NPROXY_GEMINI_BASE_URL = gemini.base_url
        ticked(None)
        yield


def ticked(at: datetime | None) -> None:
    """The timetable put something into the queue then, or never did."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_periodic_defers")
        if at is not None:
            cursor.execute(
                "INSERT INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)"
                " VALUES ('clock.x', '', %s)",
                [int(at.timestamp())],
            )


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(nproxy, arguments, input=stdin)


def add_key(secret: str) -> str:
    run("keys", "add", "--provider", "gemini", "--label", "one", stdin=secret)
    return str(pool.keys(timezone.now())[0].id)


def says(check: str) -> tuple[bool, str]:
    """Whether this is well, and what is told about it."""
    (found,) = [one for one in json.loads(run("doctor", "--json").stdout) if one["check"] == check]
    return found["is_ok"], found["says"]


def findings(result: Result) -> dict[str, bool]:
    return {finding["check"]: finding["is_ok"] for finding in json.loads(result.stdout)}


def test_everything_is_well_with_a_key_that_works() -> None:
    key = add_key("AQ.sandbox-ok-doctor")
    result = run("doctor", "--json")
    assert result.exit_code == 0, result.output
    assert findings(result) == {
        "settings": True,
        "database": True,
        "migrations": True,
        "store": True,
        "mail": True,
        "secrets": True,
        "telegram": True,
        "processor": True,
        "workers": True,
        "backups": True,
        f"key {key} (one)": True,
    }


def test_a_line_each_for_people() -> None:
    add_key("AQ.sandbox-ok-doctor")
    assert [line.split()[:2] for line in run("doctor").output.splitlines()][:2] == [
        ["ok", "settings"],
        ["ok", "database"],
    ]


def test_a_key_that_is_refused_fails_and_the_rest_is_still_told() -> None:
    key = add_key("AQ.sandbox-key_invalid-doctor")
    result = run("doctor", "--json")
    assert result.exit_code == 1
    assert findings(result)[f"key {key} (one)"] is False
    assert findings(result)["database"] is True


def test_a_pool_without_keys_fails() -> None:
    result = run("doctor")
    assert result.exit_code == 1
    assert "nproxy keys add" in result.output


def test_a_store_that_cannot_be_written_fails(settings: Any) -> None:
    settings.NPROXY_STORAGE_URL = "file:/dev/null/nowhere"
    add_key("AQ.sandbox-ok-doctor")
    result = run("doctor", "--json")
    assert result.exit_code == 1
    assert [name for name, is_ok in findings(result).items() if not is_ok] == ["store"]


def test_a_mail_server_that_is_not_there_fails(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    result = run("doctor", "--json")
    assert findings(result)["mail"] is False


def test_a_key_that_works_says_so_and_draws_when_asked() -> None:
    key = add_key("AQ.sandbox-ok-doctor")
    assert run("keys", "test", key).output.startswith(f"Key {key} works, it sees the model")
    assert "drew" in run("keys", "test", key, "--draw").output


def test_a_key_that_does_not_work_exits_1_and_keeps_its_secret() -> None:
    secret = "AQ.sandbox-key_invalid-doctor"
    result = run("keys", "test", add_key(secret))
    assert result.exit_code == 1
    assert "key_rejected" in result.output
    assert secret not in result.output


def test_trying_a_key_that_is_not_there_is_not_found() -> None:
    assert run("keys", "test", "999999").exit_code == 3


def test_the_processor_has_a_line_that_says_what_is_wrong(settings: Any) -> None:
    assert "not set up" in run("doctor").output
    settings.NPROXY_NOWPAYMENTS_API_KEY = "sandbox-key"
    is_well, words = says("processor")
    assert not is_well
    assert "set up by half" in words
    assert "NPROXY_NOWPAYMENTS_IPN_SECRET, NPROXY_NOWPAYMENTS_COINS" in words
    settings.NPROXY_NOWPAYMENTS_IPN_SECRET = ("secret",)
    settings.NPROXY_NOWPAYMENTS_COINS = ("usdttrc20", "doge")
    settings.NPROXY_NOWPAYMENTS_PAYOUT_COIN = "usdttrc20"
    with running_nowpayments() as processor:
        settings.NPROXY_NOWPAYMENTS_BASE_URL = processor.base_url
        result = run("doctor", "--json")
        assert findings(result)["processor"]
        assert "answers, and takes usdttrc20; not now: doge; the callback secret is set" in result.stdout
        settings.NPROXY_NOWPAYMENTS_API_KEY = "someone-elses"
        assert not findings(run("doctor", "--json"))["processor"]
        assert "someone-elses" not in run("doctor").output


def test_the_bot_and_what_it_could_not_tell_are_looked_at(settings: Any) -> None:
    def telegram() -> tuple[bool, str]:
        return says("telegram")

    now = timezone.now()
    assert telegram() == (True, "no token: 0 alerts are in the web admin only")
    settings.NPROXY_TELEGRAM_TOKEN = "123456:token"
    assert telegram() == (False, "the bot gives no sign of life: run `nproxy bot`")
    telegram_room.note_bot(bot_id=123456, username="our_bot", now=now)
    assert "nobody is paired" in telegram()[1]
    admit(Visitor(1001, "Ann"), "operator", SYSTEM, now)
    assert telegram() == (True, "@our_bot speaks to 1")
    long_ago = now - timedelta(minutes=11)
    notifications.alert(kind="keys.pool_exhausted", text="none", now=long_ago, severity="critical")
    assert telegram()[1].startswith("1 alerts have reached nobody")


def test_workers_are_missed_when_they_fall_silent_or_their_timetable_is_late() -> None:
    now = timezone.now()
    assert says("workers")[0]  # a new installation has none yet
    ticked(now - timedelta(minutes=10))
    assert not says("workers")[0]
    presence.beat(UUID(int=1), kind="worker", started_at=now, long_polls=0, now=now)
    assert says("workers")[1].startswith("1 alive, but the timetable has run nothing since")
    ticked(now)
    assert says("workers") == (True, "1 alive")
    presence.beat(UUID(int=1), kind="worker", started_at=now, long_polls=0, now=now - timedelta(minutes=2))
    assert says("workers")[1].startswith("no sign of life since")


def test_a_backup_that_is_late_fails(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert says("backups") == (True, "no NPROXY_BACKUP_SCHEDULE is set; there is none yet")
    settings.NPROXY_BACKUP_SCHEDULE = "30 3 * * *"
    assert says("backups") == (True, "there is none yet")
    monkeypatch.setattr(people, "first_came_at", lambda: datetime(2026, 1, 1, tzinfo=UTC))
    assert says("backups") == (False, "late: there is none yet. See `nproxy backup list`")
