"""Reading the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
