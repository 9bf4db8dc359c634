"""Who may draw, until when, and what is for sale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nproxy.quota import queries as quota
from nproxy.subscriptions.models import Cycle, Plan


@dataclass(frozen=True, slots=True)
class PlanView:
    name: str
    price_cents: int
    request_limit: int
    sales_text: str


@dataclass(frozen=True, slots=True)
class ActiveCycle:
    id: int
    quota_id: int
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """`state` is none, active, expired or suspended; `quota` is the bucket, 0 to 100, 0 without a cycle."""

    state: str
    ends_at: datetime | None
    quota: int


def active_plan() -> PlanView | None:
    """What is for sale now; None before the operator has set a plan."""
    plan = Plan.objects.filter(is_active=True).first()
    if plan is None:
        return None
    return PlanView(plan.name, plan.price_cents, plan.request_limit, plan.sales_text)


def active_cycle(user_id: int, now: datetime) -> ActiveCycle | None:
    """The cycle that `now` lies in, read from the clock; suspended or not."""
    cycle = Cycle.objects.filter(user_id=user_id, starts_at__lte=now, ends_at__gt=now).first()
    return ActiveCycle(cycle.pk, cycle.quota_id, cycle.ends_at) if cycle else None


def subscription(user_id: int, now: datetime) -> Subscription:
    """How things stand for a person, in what they may see."""
    cycle = active_cycle(user_id, now)
    if cycle is not None:
        state = "suspended" if quota.is_suspended(cycle.quota_id) else "active"
        return Subscription(state, cycle.ends_at, quota.bucket_of(cycle.quota_id))
    last_end = (
        Cycle.objects.filter(user_id=user_id, ends_at__lte=now)
        .order_by("-ends_at")
        .values_list("ends_at", flat=True)
    ).first()
    return Subscription("expired" if last_end else "none", last_end, 0)
