"""Who may draw, until when, and what is for sale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db.models import Exists, OuterRef

from nproxy.notifications.rules import Letter
from nproxy.quota import queries as quota
from nproxy.subscriptions import letters
from nproxy.subscriptions.models import Cycle, Plan, Silence, Suspension
from nproxy.subscriptions.rules import Reminder

RENEWAL_NEAR = timedelta(days=7)
_SALT = "nproxy.subscriptions.reminders"


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
class CycleView:
    """A cycle as its person may see it: when, and how it came to be (`grant`, `payment`)."""

    id: int
    starts_at: datetime
    ends_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """`state` is none, active, expired or suspended; `quota` is the bucket, 0 to 100, 0 without a cycle.

    `ends_at` is the end of the cycle that runs, else of the last one. `queued` waits behind the one that runs.
    """

    state: str
    ends_at: datetime | None
    quota: int
    queued: CycleView | None = None


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
    suspended = Suspension.objects.filter(user_id=user_id, ended_at=None).exists()
    cycle = active_cycle(user_id, now)
    if cycle is not None:
        behind = Cycle.objects.filter(user_id=user_id, starts_at__gt=now).first()
        queued = _view(behind) if behind else None
        state = "suspended" if suspended else "active"
        return Subscription(state, cycle.ends_at, quota.bucket_of(cycle.quota_id), queued)
    ended = Cycle.objects.filter(user_id=user_id, ends_at__lte=now)
    last_end = ended.order_by("-ends_at").values_list("ends_at", flat=True).first()
    if suspended:
        return Subscription("suspended", last_end, 0)
    return Subscription("expired" if last_end else "none", last_end, 0)


def is_suspended(user_id: int) -> bool:
    """Whether this person's access is taken away now."""
    return Suspension.objects.filter(user_id=user_id, ended_at=None).exists()


def with_cycle_since(since: datetime, now: datetime) -> list[int]:
    """The people whose cycle runs now, or ended at `since` or later."""
    running = Cycle.objects.filter(starts_at__lte=now, ends_at__gte=since)
    return list(running.order_by("user_id").values_list("user_id", flat=True).distinct())


def running(now: datetime) -> int:
    """How many people have a cycle at `now`."""
    return Cycle.objects.filter(starts_at__lte=now, ends_at__gt=now).count()


def period(cycle_id: int) -> CycleView:
    """One cycle that is known to exist, of whoever it is."""
    return _view(Cycle.objects.get(pk=cycle_id))


def wants_reminders(user_id: int) -> bool:
    """Whether this person gets mails before and after a cycle ends; everyone does until they say no."""
    return not Silence.objects.filter(user_id=user_id).exists()


def silencing_token(user_id: int) -> str:
    """What a link carries that switches this person's reminders off, without a login and for good."""
    return signing.Signer(salt=_SALT).sign(str(user_id))


def silenced_by(token: str) -> int | None:
    """The person whose `silencing_token` this is, None for a forgery."""
    try:
        return int(signing.Signer(salt=_SALT).unsign(token))
    except signing.BadSignature:
        return None


def _view(cycle: Cycle) -> CycleView:
    return CycleView(cycle.pk, cycle.starts_at, cycle.ends_at, cycle.source)


@dataclass(frozen=True, slots=True)
class Subscribers:
    """How many people have access now, and how many of them lose it within a week unless they renew."""

    active: int
    renewals_due: int


def subscribers(now: datetime) -> Subscribers:
    """The counts as of `now`; who is suspended counts, as their time goes on."""
    running = Cycle.objects.filter(starts_at__lte=now, ends_at__gt=now)
    follows = Cycle.objects.filter(user=OuterRef("user"), starts_at__gte=OuterRef("ends_at"))
    due = running.filter(ends_at__lte=now + RENEWAL_NEAR).exclude(Exists(follows))
    return Subscribers(running.count(), due.count())


def sample_letters(now: datetime) -> dict[str, Letter]:
    """Every reminder of a cycle that ends two days from now, by its kind, in the language that is active."""
    silence = letters.silencing_address("token")
    ends_at = now + timedelta(days=2)
    return {f"reminder_{due.name.lower()}": letters.reminder(due, ends_at, silence) for due in Reminder}
