"""What goes out: alerts for operators, mails for people. Rows first, sending later."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from nproxy.kit.locks import try_lock_for_transaction
from nproxy.notifications import tasks
from nproxy.notifications.models import Alert, Mail
from nproxy.notifications.rules import Letter

log = structlog.get_logger(__name__)

REPEATED_AFTER = timedelta(minutes=5)


def alert(*, kind: str, text: str, now: datetime, subject: str = "", severity: str = "warning") -> None:
    """Tell the operator: a row in the caller's transaction (the bot sends it) and a log line.

    `kind` is dotted (`keys.pool_exhausted`), `subject` names the thing it is about, `severity`
    is `info`, `warning` or `critical`. `text` holds no secret. What is already waiting to be sent about the
    same subject, not older than 5 minutes, is not repeated: trouble comes once per attempt, in hundreds.
    """
    with transaction.atomic(savepoint=False):
        if _is_being_told(kind, subject, now):
            return
        Alert.objects.create(kind=kind, subject=subject, severity=severity, text=text, created_at=now)
    log.warning("alert", kind=kind, subject=subject, severity=severity, text=text)


def _is_being_told(kind: str, subject: str, now: datetime) -> bool:
    """Whether an equal alert waits, or is just being written by someone else. Never waits itself."""
    if not try_lock_for_transaction(f"alert {kind} {subject}"):
        return True
    same = Alert.objects.filter(kind=kind, subject=subject, sent_at=None, created_at__gt=now - REPEATED_AFTER)
    return same.exists()


def send_mail(
    *,
    key: str,
    kind: str,
    recipient: str,
    subject: str,
    text: str,
    html: str = "",
    unsubscribe: str = "",
    now: datetime,
) -> bool:
    """Owe someone a mail: a row and a job in the caller's transaction. False if `key` was owed or sent before.

    `key` names the occasion (`reminder:42:7`), `kind` what it is (`reminder`). Text and HTML say the same;
    both are blanked once the mail is gone, and so is `unsubscribe`: the address, if any, where a POST without
    a login ends mails of this kind (RFC 8058).
    """
    with transaction.atomic():
        mail, is_new = Mail.objects.get_or_create(
            key=key,
            defaults={
                "kind": kind,
                "recipient": recipient,
                "subject": " ".join(subject.split()),
                "text": text,
                "html": html,
                "unsubscribe": unsubscribe,
                "created_at": now,
            },
        )
        if is_new:
            tasks.deliver.defer(mail_id=mail.pk)
    return is_new


def send_letter(
    *, key: str, kind: str, recipient: str, letter: Letter, unsubscribe: str = "", now: datetime
) -> bool:
    """`send_mail` with both parts made from the same words, in the one shape that all our mails have."""
    words = {"letter": letter, "site": settings.NPROXY_BASE_URL}
    return send_mail(
        key=key,
        kind=kind,
        recipient=recipient,
        subject=letter.subject,
        text=render_to_string("notifications/letter.txt", words),
        html=render_to_string("notifications/letter.html", words),
        unsubscribe=unsubscribe,
        now=now,
    )
