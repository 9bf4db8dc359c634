"""Writing the audit log. There is no verb that changes or removes an entry."""

from __future__ import annotations

from datetime import datetime

from nproxy.audit.models import AuditEntry
from nproxy.audit.rules import Actor


def record(
    *,
    actor: Actor,
    action: str,
    target: tuple[str, object],
    now: datetime,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
    reason: str = "",
) -> None:
    """Append one entry in the caller's transaction.

    `action` is dotted and past tense (`key.disabled`), `target` is (kind, id). `before` and `after` hold the
    changed fields as JSON values, never a secret. Every caller says both: no `before` for what is new, no `after`
    for what is gone, and neither for what changes nothing (tests/rules/test_audit_kinds.py has those).
    """
    kind, identity = target
    AuditEntry.objects.create(
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        origin=actor.origin,
        action=action,
        target_kind=kind,
        target_id=str(identity),
        before=before,
        after=after,
        reason=reason,
    )
