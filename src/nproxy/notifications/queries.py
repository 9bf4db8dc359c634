"""What went out, and what has not yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q
from django.template.loader import render_to_string

from nproxy.notifications.models import Alert, Incident, Mail
from nproxy.notifications.rules import Letter
from nproxy.notifications.rules.incidents import Standing


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


def parts(letter: Letter) -> tuple[str, str]:
    """A letter as plain text and as HTML, in the one shape that all our mails have; both say the same."""
    words = {"letter": letter, "site": settings.NPROXY_BASE_URL}
    text = render_to_string("notifications/letter.txt", words)
    return text, render_to_string("notifications/letter.html", words)


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident and how it stands."""

    id: int
    standing: Standing


def open_incidents() -> list[IncidentView]:
    """What is not over yet, the oldest first."""
    rows = Incident.objects.filter(closed_at=None).order_by("opened_at", "pk")
    return [IncidentView(row.pk, row.standing()) for row in rows]


def incident(incident_id: int) -> IncidentView | None:
    """One incident, open or not."""
    row = Incident.objects.filter(pk=incident_id).first()
    return IncidentView(row.pk, row.standing()) if row else None


@dataclass(frozen=True, slots=True)
class Unsent:
    """Alerts that have reached no operator yet: how many, and the moments of the oldest ones (None without any)."""

    count: int
    oldest: datetime | None
    oldest_critical: datetime | None


def unsent() -> Unsent:
    """What operators have not been told. Recoveries are no news of their own, nor is what was over at once."""
    goes_on = Q(incident=None) | Q(incident__closed_at=None)
    waiting = Alert.objects.filter(goes_on, sent_at=None, is_recovery=False)
    is_critical = Q(severity=Alert.Severity.CRITICAL)
    return Unsent(
        **waiting.aggregate(
            count=Count("pk"),
            oldest=Min("created_at"),
            oldest_critical=Min("created_at", filter=is_critical),
        )
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """What did not go out: mails given up within a week, alerts that nobody has been sent for ten minutes."""

    failed_mails: int
    unsent_alerts: int


def trouble(now: datetime) -> Trouble:
    """The counts as of `now`."""
    failed = Mail.objects.filter(state=Mail.State.FAILED, created_at__gte=now - timedelta(days=7))
    return Trouble(failed.count(), Alert.objects.overdue(now).count())
