from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings
from tests.rooms.notifications import mail_server

from nproxy.config.mail import mail
from nproxy.notifications import actions as notifications
from nproxy.notifications import queries, rules, run
from nproxy.notifications.adapters.smtp import NotDelivered
from nproxy.notifications.models import Alert, Mail
from nproxy.notifications.rules import Button, Letter

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
LETTER = Letter(
    "Hello", ("First <line>.", "Second."), Button("Open it", "http://x.example/?a=1&b=2"), ("A note.",)
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = "nproxy.notifications.adapters.files.Backend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


@pytest.fixture(scope="module")
def mail_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[mail_server.MailServer]:
    with mail_server.serving(tmp_path_factory.mktemp("mail")) as running:
        yield running


@pytest.fixture
def server(
    mail_process: mail_server.MailServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> mail_server.MailServer:
    """As production reaches one: STARTTLS with a certificate that is checked, and a login."""
    monkeypatch.setenv("SSL_CERT_FILE", str(mail_process.authority))
    url = f"smtp://{mail_server.USER}:{mail_server.PASSWORD}@localhost:{mail_process.port}?tls=starttls"
    for name, value in mail(url, sender="nproxy@example.com", data_dir=Path()).items():
        setattr(settings, name, value)
    return mail_process


def owe(key: str = "receipt:1", recipient: str = "mia@example.com") -> int:
    notifications.send_letter(key=key, kind="receipt", recipient=recipient, letter=LETTER, now=NOW)
    return Mail.objects.get(key=key).pk


@contextmanager
def settings_changed(settings: Settings, changes: dict[str, object]) -> Iterator[None]:
    before = {name: getattr(settings, name) for name in changes}
    for name, value in changes.items():
        setattr(settings, name, value)
    yield
    for name, value in before.items():
        setattr(settings, name, value)


def test_a_mail_is_a_row_and_a_job_in_the_callers_transaction() -> None:
    mail_id = owe()
    [job] = ProcrastinateJob.objects.all()
    assert (job.task_name, job.queue_name, job.args) == (
        "notifications.deliver",
        "chores",
        {"mail_id": mail_id},
    )


def test_a_mail_goes_with_the_transaction_that_caused_it() -> None:
    with transaction.atomic():
        owe()
        transaction.set_rollback(True)
    assert not Mail.objects.exists()
    assert not ProcrastinateJob.objects.exists()


def test_the_same_occasion_is_mailed_once() -> None:
    owe()
    again = {"key": "receipt:1", "kind": "receipt", "recipient": "mia@example.com", "now": NOW}
    assert not notifications.send_letter(letter=LETTER, **again)
    assert Mail.objects.count() == ProcrastinateJob.objects.count() == 1


def test_a_development_mail_is_a_real_message_in_a_file(folder: Path) -> None:
    mail_id = owe()
    run.deliver(mail_id, NOW)
    [file] = folder.iterdir()
    identity = rules.message_id("receipt:1", NOW, "nproxy@localhost")
    assert file.name == f"20261122T123000-{identity.strip('<>').partition('@')[0]}.eml"
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert message["To"] == "mia@example.com"
    assert message["From"] == "nproxy@localhost"
    assert message["Subject"] == "Hello"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == identity
    assert message["Auto-Submitted"] == "auto-generated"


def test_text_and_html_say_the_same(folder: Path) -> None:
    run.deliver(owe(), NOW)
    [file] = folder.iterdir()
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    for words in ("First <line>.", "Second.", "Open it", "http://x.example/?a=1&b=2", "A note."):
        assert words in text
    for words in (
        "First &lt;line&gt;.",
        "Second.",
        "Open it",
        'href="http://x.example/?a=1&amp;b=2"',
        "A note.",
    ):
        assert words in html


def test_a_sent_mail_forgets_its_body_and_is_not_sent_again(server: mail_server.MailServer) -> None:
    taken = len(server.received())
    mail_id = owe()
    run.deliver(mail_id, NOW)
    run.deliver(mail_id, NOW)
    assert len(server.received()) == taken + 1
    mail = Mail.objects.get()
    assert (mail.state, mail.sent_at, mail.tries, mail.text, mail.html) == ("sent", NOW, 1, "", "")


def test_smtp_carries_both_parts_and_our_headers(server: mail_server.MailServer) -> None:
    mail_id = owe()
    Mail.objects.update(unsubscribe="https://nproxy.example/billing/reminders/off/token/")
    run.deliver(mail_id, NOW)
    message = server.received()[-1]
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == rules.message_id("receipt:1", NOW, "nproxy@example.com")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == "<https://nproxy.example/billing/reminders/off/token/>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("recipient", "answer"),
    [("nobody@example.com", "550 no such mailbox"), ("flood@example.com", "550 no such letters here")],
)
def test_a_refused_message_is_given_up_at_once_and_an_operator_hears_of_it(
    server: mail_server.MailServer, recipient: str, answer: str
) -> None:
    run.deliver(owe(recipient=recipient), NOW)
    mail = Mail.objects.get()
    assert (mail.state, mail.last_error, mail.text, mail.html) == ("failed", answer, "", "")
    assert Alert.objects.get().kind == "mail.failed"


@pytest.mark.parametrize(
    ("recipient", "settled"),
    [
        ("grey@example.com", {}),
        ("full@example.com", {}),
        ("silent@example.com", {"EMAIL_TIMEOUT": 1}),
        ("mia@example.com", {"DEFAULT_FROM_EMAIL": "stranger@example.com"}),
        ("mia@example.com", {"EMAIL_HOST_PASSWORD": "wrong"}),
        ("mia@example.com", {"EMAIL_HOST": "127.0.0.2"}),
    ],
    ids=[
        "greylisting",
        "full disk",
        "silence",
        "our sender is refused",
        "our login is refused",
        "nobody there",
    ],
)
def test_trouble_that_may_pass_is_tried_again(
    server: mail_server.MailServer, settings: Settings, recipient: str, settled: dict[str, object]
) -> None:
    mail_id = owe(recipient=recipient)
    with settings_changed(settings, settled), pytest.raises(NotDelivered):
        run.deliver(mail_id, NOW)
    mail = Mail.objects.get()
    assert (mail.state, mail.tries) == ("queued", 1)
    assert mail.last_error
    assert mail_server.PASSWORD not in mail.last_error
    assert mail.text
    run.deliver(mail_id, NOW)
    assert Mail.objects.get().state == "sent"
    assert Mail.objects.get().last_error == ""


def test_a_mail_server_that_cannot_prove_who_it_is_gets_nothing(
    server: mail_server.MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    taken = len(server.received())
    with pytest.raises(NotDelivered, match="certificate"):
        run.deliver(owe(), NOW)
    assert len(server.received()) == taken


def test_lasting_trouble_is_reported_once_and_then_ends(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    mail_id = owe()
    for _ in range(rules.MAX_TRIES - 1):
        with pytest.raises(NotDelivered):
            run.deliver(mail_id, NOW)
    run.deliver(mail_id, NOW)
    assert Mail.objects.get().state == "failed"
    assert [alert.kind for alert in Alert.objects.order_by("pk")] == ["mail.delayed", "mail.failed"]


def test_operators_read_what_became_of_mails_but_not_what_was_in_them(folder: Path) -> None:
    run.deliver(owe("receipt:1"), NOW)
    owe("receipt:2")
    views = queries.mails(recipient="mia@example.com")
    assert [view.state for view in views] == ["queued", "sent"]
    assert not queries.mails(recipient="max@example.com")
    assert "http://x.example" not in repr(views)


def test_a_mail_that_went_out_is_forgotten_after_a_year_and_one_that_waits_is_not(folder: Path) -> None:
    run.deliver(owe("receipt:1"), NOW)
    waiting = owe("receipt:2")
    assert notifications.forget_old_mails(now=NOW + timedelta(days=365)) == 0
    assert notifications.forget_old_mails(now=NOW + timedelta(days=366)) == 1
    assert Mail.objects.get().pk == waiting


def test_whoever_is_forgotten_gets_nothing_that_was_still_to_go_out(folder: Path) -> None:
    owed, other = owe("receipt:1"), owe("receipt:2", "max@example.com")
    assert notifications.forget_mails_to(recipient="mia@example.com") == 1
    run.deliver(owed, NOW)
    assert not folder.exists()
    assert Mail.objects.get().pk == other


def test_an_alert_is_a_row_and_a_log_line() -> None:
    notifications.alert(kind="keys.pool_exhausted", subject="gemini", text="No key left", now=NOW)
    alert = Alert.objects.get()
    assert (alert.kind, alert.subject, alert.severity, alert.sent_at) == (
        "keys.pool_exhausted", "gemini", "warning", None,
    )  # fmt: skip
