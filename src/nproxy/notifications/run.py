"""Sending a mail: begin, hand it over, write down what came of it."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F

from nproxy.notifications import rules
from nproxy.notifications.adapters.smtp import Refused, hand_over
from nproxy.notifications.models import Alert, Mail

log = structlog.get_logger(__name__)


def deliver(mail_id: int, now: datetime) -> None:
    """Send a queued mail, at least once; one that is sent or given up already is left alone.

    Raises what went wrong while another try makes sense: the queue calls again later.
    """
    if not Mail.objects.filter(pk=mail_id, state=Mail.State.QUEUED).update(tries=F("tries") + 1):
        return
    mail = Mail.objects.get(pk=mail_id)
    try:
        hand_over(letter(mail, now))
    except Refused as refusal:
        _give_up(mail, str(refusal), now)
    except Exception as trouble:
        # Whatever it was, the mail is still owed until the tries run out.
        if rules.is_last_try(mail.tries):
            _give_up(mail, str(trouble), now)
        else:
            _note(mail, str(trouble), now)
            raise
    else:
        _close(mail, Mail.State.SENT, sent_at=now, last_error="")


def letter(mail: Mail, now: datetime) -> EmailMultiAlternatives:
    """The message itself: text first, HTML beside it, marked as written by a machine (RFC 3834)."""
    sender = settings.DEFAULT_FROM_EMAIL
    headers = {
        "Date": format_datetime(now),
        "Message-ID": rules.message_id(mail.key, mail.created_at, sender),
        "Auto-Submitted": "auto-generated",
    }
    if mail.unsubscribe:
        headers["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(mail.subject, mail.text, sender, [mail.recipient], headers=headers)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _close(mail: Mail, state: Mail.State, **fields: object) -> int:
    """Leave `queued`, once. The bodies go, because they carry tokens."""
    open_mail = Mail.objects.filter(pk=mail.pk, state=Mail.State.QUEUED)
    return open_mail.update(state=state, text="", html="", unsubscribe="", **fields)


def _give_up(mail: Mail, error: str, now: datetime) -> None:
    with transaction.atomic():
        if _close(mail, Mail.State.FAILED, last_error=error[:255]):
            _alert(
                "mail.failed", mail, f"A mail ({mail.kind}) to {mail.recipient} was given up: {error}", now
            )


def _note(mail: Mail, error: str, now: datetime) -> None:
    with transaction.atomic():
        Mail.objects.filter(pk=mail.pk, state=Mail.State.QUEUED).update(last_error=error[:255])
        if mail.tries == rules.WORRYING_TRIES:
            _alert("mail.delayed", mail, f"The mail server does not take our mails: {error}", now)


def _alert(kind: str, mail: Mail, text: str, now: datetime) -> None:
    """As `actions.alert` does it; that shelf lies above this one."""
    Alert.objects.create(kind=kind, subject=str(mail.pk), severity="warning", text=text, created_at=now)
    log.warning("alert", kind=kind, subject=str(mail.pk), severity="warning", text=text)
