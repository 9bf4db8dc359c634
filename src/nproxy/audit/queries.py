"""Reading the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from nproxy.audit.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done. `before` and `after` hold the fields that changed."""

    at: datetime
    actor_kind: str
    actor_name: str
    origin: str
    action: str
    target_kind: str
    target_id: str
    before: dict[str, object] | None
    after: dict[str, object] | None
    reason: str


def entries(*, target: tuple[str, object] | None = None, limit: int = 50) -> list[Entry]:
    """The newest `limit` entries, about one target (kind, id) or about everything."""
    return (
        _newest(AuditEntry.objects.all(), limit) if target is None else entries_about([target], limit=limit)
    )


def entries_about(targets: Iterable[tuple[str, object]], *, limit: int = 50) -> list[Entry]:
    """The newest `limit` entries about any of these targets (kind, id)."""
    about = Q()
    for kind, identity in targets:
        about |= Q(target_kind=kind, target_id=str(identity))
    return _newest(AuditEntry.objects.filter(about), limit) if about else []


def _newest(rows: QuerySet[AuditEntry], limit: int) -> list[Entry]:
    fields = (
        "at", "actor_kind", "actor_name", "origin", "action", "target_kind", "target_id", "before", "after", "reason",
    )  # fmt: skip
    return [Entry(*row) for row in rows.order_by("-pk").values_list(*fields)[:limit]]


def actions_seen() -> list[str]:
    """Every action that the log knows, in order. Steps along the index instead of reading the log."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTIONS_SEEN)
        return [row[0] for row in cursor.fetchall()]


# One index probe for each distinct action (wiki.postgresql.org, "Loose indexscan").
_ACTIONS_SEEN = """
    WITH RECURSIVE seen AS (
        (SELECT action FROM audit_auditentry ORDER BY action LIMIT 1)
        UNION ALL
        SELECT (SELECT action FROM audit_auditentry WHERE action > seen.action ORDER BY action LIMIT 1)
        FROM seen WHERE seen.action IS NOT NULL
    )
    SELECT action FROM seen WHERE action IS NOT NULL
"""
