"""What went out, and what has not yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nproxy.notifications.models import Mail


@dataclass(frozen=True, slots=True)
class MailView:
    """`state` is `queued`, `sent` or `failed`; `last_error` is the mail server's word."""

    id: int
    kind: str
    recipient: str
    subject: str
    state: str
    tries: int
    last_error: str
    created_at: datetime
    sent_at: datetime | None


def mails(*, recipient: str = "", limit: int = 50) -> list[MailView]:
    """The newest `limit` mails, of one recipient or of all."""
    rows = Mail.objects.filter(recipient=recipient) if recipient else Mail.objects.all()
    fields = ("id", "kind", "recipient", "subject", "state", "tries", "last_error", "created_at", "sent_at")
    return [MailView(*row) for row in rows.order_by("-pk").values_list(*fields)[:limit]]
