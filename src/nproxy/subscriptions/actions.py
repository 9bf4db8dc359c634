"""Plans and cycles: what is sold, and who may draw until when.

AlreadyQueued     a cycle already waits behind the current one
NothingQueued     no cycle waits behind a running one
NothingRuns       no cycle runs that could be made longer
AlreadySuspended · NotSuspended
NoPlan            nothing is for sale, so a limit has to be named
BadPlan           a price, a limit or a length of time that makes no sense
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.kit import live
from nproxy.kit.locks import lock_for_transaction
from nproxy.quota import actions as quota
from nproxy.subscriptions import periods, reminding
from nproxy.subscriptions.models import Compensation, Cycle, Plan, Silence, Suspension
from nproxy.subscriptions.periods import AlreadyQueued, NothingQueued, NothingRuns
from nproxy.subscriptions.rules import Period

__all__ = ["AlreadyQueued", "NothingQueued", "NothingRuns"]

OCCASION_LENGTH = 200


class AlreadySuspended(Exception):
    """This person's access is taken away already."""


class NotSuspended(Exception):
    """There is no suspension to end."""


class NoPlan(Exception):
    """There is no active plan to take the limit from."""


class BadPlan(ValueError):
    """The plan cannot be sold like this; the message says why."""


@transaction.atomic
def set_plan(
    *,
    name: str,
    price_cents: int,
    request_limit: int,
    sales_text: str,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Change what is for sale. Cycles already sold keep what they were sold as."""
    if not name.strip():
        raise BadPlan("A plan needs a name.")
    if price_cents < 0 or request_limit < 1:
        raise BadPlan("The price cannot be negative and the limit is at least 1.")
    hold_plan()
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
        reason=reason,
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
    _check(limit, months)
    cycle = periods.add(user_id, months, limit, Cycle.Source.GRANT, now)
    _record("cycle.granted", None, cycle, actor=actor, now=now, reason=reason, limit=limit)
    live.bump(user_id)
    return cycle.pk


@transaction.atomic
def activate(*, user_id: int, limit: int, months: int = 1, source: str = "payment", now: datetime) -> int:
    """Open a cycle that was paid for, in the transaction that settles the payment; the cycle's id.

    Starts now, or behind the current cycle. Who paid what is on record where the payment is. Raises
    AlreadyQueued, BadPlan.
    """
    _check(limit, months)
    cycle = periods.add(user_id, months, limit, Cycle.Source(source), now)
    live.bump(user_id)
    return cycle.pk


@transaction.atomic
def start_now(*, user_id: int, actor: Actor, now: datetime) -> int:
    """End the running cycle and start the queued one, whose id is the answer. What was left is gone.

    Work accepted before ends on the cycle that accepted it. Raises NothingQueued.
    """
    before = periods.periods_of(user_id)
    ended, started = periods.end_early(user_id, now)
    _record("cycle.started_early", before[started.pk], started, actor=actor, now=now, ended=ended.pk)
    live.bump(user_id)
    return started.pk


def hold_plan() -> None:
    """Until the transaction ends, nobody else changes what is for sale: to look at it, and then decide."""
    lock_for_transaction("plan", 0)


def hold(*, user_id: int) -> None:
    """Until the transaction ends, nobody else changes this person's cycles: to look at them, and then decide."""
    periods.lock(user_id)


@transaction.atomic
def extend(*, user_id: int, days: int, reason: str, actor: Actor, now: datetime) -> datetime:
    """Add `days` (1 to 3650) to the running cycle; its new end. A queued one moves with it.

    Raises NothingRuns, BadPlan.
    """
    _check_days(days)
    before = periods.periods_of(user_id)
    cycle = periods.lengthen(user_id, timedelta(days=days), now)
    _record("cycle.extended", before[cycle.pk], cycle, actor=actor, now=now, reason=reason, days=days)
    live.bump(user_id)
    return cycle.ends_at


@transaction.atomic
def make_good(*, user_id: int, days: int, since: datetime, reason: str, actor: Actor, now: datetime) -> bool:
    """Add `days` for an outage to the cycle that runs, or to the last one if it ended at `since` or later.

    Once per person and `reason` (spaces and capitals aside): False when these days were given before, so that it may
    be repeated for everyone. Raises NothingRuns, BadPlan.
    """
    _check_days(days)
    occasion = " ".join(reason.split()).casefold()[:OCCASION_LENGTH]
    periods.lock(user_id)
    if Compensation.objects.filter(user_id=user_id, occasion=occasion).exists():
        return False
    before = periods.periods_of(user_id)
    cycle = periods.lengthen_or_reopen(user_id, timedelta(days=days), now, since)
    Compensation.objects.create(user_id=user_id, occasion=occasion, days=days, given_at=now)
    _record("cycle.extended", before[cycle.pk], cycle, actor=actor, now=now, reason=reason, days=days)
    live.bump(user_id)
    return True


@transaction.atomic
def suspend(*, user_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Take access away, in the cycles of now and of later, until `resume`. Cycles go on by the clock.

    Half of a verb: `generations.actions.suspend` also cancels what is in line, and tells the person's pages.
    Raises AlreadySuspended.
    """
    periods.lock(user_id)
    if Suspension.objects.filter(user_id=user_id, ended_at=None).exists():
        raise AlreadySuspended
    Suspension.objects.create(user_id=user_id, reason=reason, began_at=now)
    quota.set_suspended(user_id=user_id, suspended=True, now=now)
    _record_access("access.suspended", user_id, suspended=True, actor=actor, now=now, reason=reason)


@transaction.atomic
def resume(*, user_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Give access back for whatever is left of the cycles. Raises NotSuspended."""
    periods.lock(user_id)
    if not Suspension.objects.filter(user_id=user_id, ended_at=None).update(ended_at=now):
        raise NotSuspended
    quota.set_suspended(user_id=user_id, suspended=False, now=now)
    _record_access("access.resumed", user_id, suspended=False, actor=actor, now=now, reason=reason)
    live.bump(user_id)


def set_reminders(*, user_id: int, wanted: bool, now: datetime) -> None:
    """Whether this person gets mails before and after a cycle ends. Saying it twice changes nothing."""
    if wanted:
        Silence.objects.filter(user_id=user_id).delete()
    else:
        Silence.objects.get_or_create(user_id=user_id, defaults={"since": now})


def send_reminders(*, now: datetime) -> int:
    """Owe every reminder that is due and was not owed before. Called by the clock; how many."""
    return sum(reminding.remind(cycle, now) for cycle in reminding.candidates(now))


def _check(limit: int, months: int) -> None:
    if limit < 1 or not 1 <= months <= 120:
        raise BadPlan("The limit is at least 1, and the months are 1 to 120.")


def _check_days(days: int) -> None:
    if not 1 <= days <= 3650:
        raise BadPlan("The days are 1 to 3650.")


def _record(
    action: str,
    before: Period | None,
    cycle: Cycle,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    **more: int,
) -> None:
    audit.record(
        actor=actor,
        action=action,
        target=("user", cycle.user_id),
        now=now,
        before=_shown(cycle, before) if before else None,
        after=_shown(cycle, periods.period_of(cycle)) | more,
        reason=reason,
    )


def _shown(cycle: Cycle, period: Period) -> dict[str, object]:
    return {
        "cycle": cycle.pk,
        "starts_at": period.starts_at.isoformat(),
        "ends_at": period.ends_at.isoformat(),
    }


def _record_access(
    action: str, user_id: int, *, suspended: bool, actor: Actor, now: datetime, reason: str
) -> None:
    audit.record(
        actor=actor,
        action=action,
        target=("user", user_id),
        now=now,
        before={"suspended": not suspended},
        after={"suspended": suspended},
        reason=reason,
    )
