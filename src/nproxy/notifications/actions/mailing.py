"""Mails for people: rows first, sending later."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from nproxy.kit.retention import forget
from nproxy.notifications import queries, tasks
from nproxy.notifications.models import Mail
from nproxy.notifications.rules import Letter

KEPT = timedelta(days=365)


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
    text, html = queries.parts(letter)
    return send_mail(
        key=key,
        kind=kind,
        recipient=recipient,
        subject=letter.subject,
        text=text,
        html=html,
        unsubscribe=unsubscribe,
        now=now,
    )


def forget_mails_to(*, recipient: str) -> int:
    """Delete what was sent to this address, and what waits for it, in the caller's transaction; how many mails."""
    return Mail.objects.filter(recipient=recipient).delete()[0]


def forget_old_mails(*, now: datetime) -> int:
    """Delete mails of more than a year ago that were sent or given up; how many."""
    old = Mail.objects.filter(created_at__lt=now - KEPT)
    return forget(old.exclude(state=Mail.State.QUEUED))
