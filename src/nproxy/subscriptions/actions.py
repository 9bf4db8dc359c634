"""Plans and cycles: what is sold, and who may draw until when.

AlreadyQueued   a cycle already waits behind the current one
NoPlan          nothing is for sale, so a limit has to be named
BadPlan         a price or a limit that makes no sense
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.kit import live
from nproxy.kit.locks import lock_for_transaction
from nproxy.quota import actions as quota
from nproxy.subscriptions.models import Cycle, Plan
from nproxy.subscriptions.rules import Period, next_period


class AlreadyQueued(Exception):
    """At most one cycle waits behind the current one."""


class NoPlan(Exception):
    """There is no active plan to take the limit from."""


class BadPlan(ValueError):
    """The plan cannot be sold like this; the message says why."""


@transaction.atomic
def set_plan(
    *, name: str, price_cents: int, request_limit: int, sales_text: str, actor: Actor, now: datetime
) -> None:
    """Change what is for sale. Cycles already sold keep what they were sold as."""
    if not name.strip():
        raise BadPlan("A plan needs a name.")
    if price_cents < 0 or request_limit < 1:
        raise BadPlan("The price cannot be negative and the limit is at least 1.")
    lock_for_transaction("plan", 0)
    before = (
        Plan.objects.filter(is_active=True)
        .values("name", "price_cents", "request_limit", "sales_text")
        .first()
    )
    after = {
        "name": name,
        "price_cents": price_cents,
        "request_limit": request_limit,
        "sales_text": sales_text,
    }
    plan, _ = Plan.objects.update_or_create(is_active=True, defaults=after)
    audit.record(
        actor=actor,
        action="plan.changed",
        target=("plan", plan.pk),
        now=now,
        before=dict(before) if before else None,
        after=dict(after),
    )


@transaction.atomic
def grant(
    *, user_id: int, months: int = 1, limit: int | None = None, reason: str, actor: Actor, now: datetime
) -> int:
    """Give one cycle of `months` (1 to 120) with `limit` requests (the active plan's if None); its id.

    Starts now, or behind the current cycle. Raises AlreadyQueued, NoPlan, BadPlan.
    """
    if limit is None:
        limit = Plan.objects.filter(is_active=True).values_list("request_limit", flat=True).first()
        if limit is None:
            raise NoPlan
    if limit < 1 or not 1 <= months <= 120:
        raise BadPlan("The limit is at least 1, and the months are 1 to 120.")
    cycle = _open_cycle(user_id, months, limit, Cycle.Source.GRANT, now)
    audit.record(
        actor=actor,
        action="cycle.granted",
        target=("user", user_id),
        now=now,
        after={
            "cycle": cycle.pk,
            "limit": limit,
            "starts_at": cycle.starts_at.isoformat(),
            "ends_at": cycle.ends_at.isoformat(),
        },
        reason=reason,
    )
    live.bump(user_id)
    return cycle.pk


def _open_cycle(user_id: int, months: int, limit: int, source: Cycle.Source, now: datetime) -> Cycle:
    lock_for_transaction("cycles", user_id)
    ahead = list(Cycle.objects.filter(user_id=user_id, ends_at__gt=now).order_by("starts_at"))
    if ahead and ahead[-1].starts_at > now:
        raise AlreadyQueued
    last = ahead[-1] if ahead else Cycle.objects.filter(user_id=user_id).order_by("ends_at").last()
    period = next_period(now, months, Period(last.starts_at, last.ends_at, last.anchor_day) if last else None)
    quota_id = quota.open_quota(
        user_id=user_id, limit=limit, opens_at=period.starts_at, closes_at=period.ends_at, now=now
    )
    return Cycle.objects.create(
        user_id=user_id,
        quota_id=quota_id,
        starts_at=period.starts_at,
        ends_at=period.ends_at,
        anchor_day=period.anchor_day,
        source=source,
        created_at=now,
    )
