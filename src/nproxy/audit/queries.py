"""Reading the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

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
    rows = AuditEntry.objects.order_by("-pk")
    if target is not None:
        rows = rows.filter(target_kind=target[0], target_id=str(target[1]))
    fields = (
        "at", "actor_kind", "actor_name", "origin", "action", "target_kind", "target_id", "before", "after", "reason",
    )  # fmt: skip
    return [Entry(*row) for row in rows.values_list(*fields)[:limit]]


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
