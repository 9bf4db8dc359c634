"""Alerts for operators: a row when it happens; gathered into incidents afterwards, which are then told.

Nothing waits for anybody while it happens: trouble comes once per attempt, in hundreds, inside the
transactions that suffer from it. Whoever gathers does so alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from nproxy.kit.locks import try_lock_for_transaction
from nproxy.kit.retention import forget
from nproxy.notifications.models import Alert, Incident
from nproxy.notifications.rules.incidents import HUSHED_FOR, Occurrence, Standing, fold

log = structlog.get_logger(__name__)

GATHERED_AT_ONCE = 5000
KEPT = timedelta(days=90)
# What gathering may change of an incident; the rest is the teller's.
HAPPENING = ("severity", "text", "count", "last_at", "recovered_at", "recovery")


@dataclass(frozen=True, slots=True)
class Hushed:
    """Until when an incident was quiet before (None: it was not), and is now."""

    before: datetime | None
    until: datetime


def alert(*, kind: str, text: str, now: datetime, subject: str = "", severity: str = "warning") -> None:
    """Tell the operators: a row in the caller's transaction (the bot sends it) and a log line.

    `kind` is dotted (`keys.pool_exhausted`), `subject` names the thing it is about, `severity`
    is `info`, `warning` or `critical`. `text` holds no secret. Say it as often as it happens: what has the same
    kind and subject becomes one message that counts.
    """
    Alert.objects.create(kind=kind, subject=subject, severity=severity, text=text, created_at=now)
    log.warning("alert", kind=kind, subject=subject, severity=severity, text=text)


def recovered(*, kind: str, text: str, now: datetime, subject: str = "") -> None:
    """Tell the operators that the trouble of this kind and subject is over. Nothing open: nothing is told."""
    Alert.objects.create(
        kind=kind,
        subject=subject,
        severity=Alert.Severity.INFO,
        text=text,
        created_at=now,
        is_recovery=True,
    )
    log.info("recovered", kind=kind, subject=subject, text=text)


def gather(*, now: datetime) -> int:
    """Make incidents of the alerts that came in; how many those were. 0 when somebody else is at it."""
    with transaction.atomic():
        if not try_lock_for_transaction("notifications gather"):
            return 0
        fresh = list(Alert.objects.filter(gathered_at=None).order_by("pk")[:GATHERED_AT_ONCE])
        together: dict[tuple[str, str], list[Alert]] = {}
        for one in fresh:
            together.setdefault((one.kind, one.subject), []).append(one)
        for (kind, subject), alerts in together.items():
            _gather(kind, subject, alerts, now)
    return len(fresh)


def _gather(kind: str, subject: str, alerts: Sequence[Alert], now: datetime) -> None:
    # Locked: whoever tells of it meanwhile writes other fields of the same row.
    same = Incident.objects.filter(kind=kind, subject=subject, closed_at=None)
    incident = same.select_for_update(no_key=True).first()
    occurrences = [Occurrence(one.created_at, one.severity, one.text, one.is_recovery) for one in alerts]
    after = fold(kind, subject, incident.standing() if incident else None, occurrences)
    if after is not None:
        incident = _keep(incident, after)
    Alert.objects.filter(pk__in=[one.pk for one in alerts]).update(incident=incident, gathered_at=now)


def _keep(incident: Incident | None, after: Standing) -> Incident:
    fields = asdict(after)
    if incident is None:
        return Incident.objects.create(**fields)
    Incident.objects.filter(pk=incident.pk).update(**{name: fields[name] for name in HAPPENING})
    return incident


def note_told(*, incident_id: int, severity: str, count: int, is_new: bool, now: datetime) -> None:
    """A message about this incident is on its way: a new one, or a change of the last. In the caller's transaction."""
    fields: dict[str, object] = {"touched_at": now, "told_severity": severity, "told_count": count}
    if is_new:
        fields["told_at"] = now
    Incident.objects.filter(pk=incident_id, closed_at=None).update(**fields)


def note_heard(*, incident_id: int, now: datetime) -> None:
    """Somebody has got a message about this incident: what it was made of counts as sent."""
    Alert.objects.filter(incident_id=incident_id, sent_at=None).update(sent_at=now)


def close(*, incident_id: int, now: datetime) -> bool:
    """End an incident; the next alert of its kind and subject opens another. False when it has ended already."""
    return bool(Incident.objects.filter(pk=incident_id, closed_at=None).update(closed_at=now))


@transaction.atomic
def hush(*, incident_id: int, now: datetime) -> Hushed | None:
    """Neither change nor repeat what was told of it for 4 hours, unless it gets worse. None when it is over."""
    still = Incident.objects.filter(pk=incident_id, closed_at=None)
    incident = still.select_for_update().first()
    if incident is None:
        return None
    until = now + HUSHED_FOR
    still.update(hushed_until=until)
    return Hushed(incident.hushed_until, until)


def forget_old_alerts(*, now: datetime) -> int:
    """Delete what is older than 90 days and belongs to nothing that goes on; returns how many alerts."""
    old = Alert.objects.filter(gathered_at__lt=now - KEPT)
    count = forget(old.exclude(incident__closed_at=None, incident__isnull=False))
    forget(Incident.objects.filter(closed_at__lt=now - KEPT))
    return count
