"""A person's cycles in time: open one, end one early, make one longer. Each under the lock of the person's cycles.

Locks: the person's cycles, then their quotas, then the version (the verbs bump it).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from nproxy.kit.locks import lock_for_transaction
from nproxy.quota import actions as quota
from nproxy.subscriptions.models import Cycle, Suspension
from nproxy.subscriptions.rules import Period, next_period


class AlreadyQueued(Exception):
    """At most one cycle waits behind the current one."""


class NothingQueued(Exception):
    """No cycle waits behind a running one."""


class NothingRuns(Exception):
    """The person has no cycle now."""


def lock(user_id: int) -> None:
    """Until the transaction ends, nobody else changes this person's cycles or suspension."""
    lock_for_transaction("cycles", user_id)


def periods_of(user_id: int) -> dict[int, Period]:
    """Each of the person's cycles, by its id, as it lies in time; nobody else moves them until the transaction ends."""
    lock(user_id)
    return {cycle.pk: period_of(cycle) for cycle in Cycle.objects.filter(user_id=user_id)}


def add(user_id: int, months: int, limit: int, source: Cycle.Source, now: datetime) -> Cycle:
    """A cycle that starts now, or behind the one that runs. Raises AlreadyQueued."""
    lock(user_id)
    ahead = list(Cycle.objects.filter(user_id=user_id, ends_at__gt=now).order_by("starts_at"))
    if ahead and ahead[-1].starts_at > now:
        raise AlreadyQueued
    last = ahead[-1] if ahead else Cycle.objects.filter(user_id=user_id).order_by("ends_at").last()
    period = next_period(now, months, period_of(last) if last else None)
    quota_id = quota.open_quota(
        user_id=user_id,
        limit=limit,
        opens_at=period.starts_at,
        closes_at=period.ends_at,
        suspended=Suspension.objects.filter(user_id=user_id, ended_at=None).exists(),
        now=now,
    )
    return Cycle.objects.create(
        user_id=user_id,
        quota_id=quota_id,
        starts_at=period.starts_at,
        ends_at=period.ends_at,
        months=months,
        anchor_day=period.anchor_day,
        source=source,
        created_at=now,
    )


def end_early(user_id: int, now: datetime) -> tuple[Cycle, Cycle]:
    """The running cycle ends now and the queued one starts: (ended, started). Raises NothingQueued."""
    current, queued = running_and_queued(user_id, now)
    # One that began this very moment would be left without any time, which no cycle may be.
    if current is None or queued is None or current.starts_at >= now:
        raise NothingQueued
    place(current, Period(current.starts_at, now, current.anchor_day))
    place(queued, next_period(now, queued.months, None))
    return current, queued


def lengthen(user_id: int, by: timedelta, now: datetime) -> Cycle:
    """The running cycle ends later, and a queued one moves with it. Raises NothingRuns."""
    current, queued = running_and_queued(user_id, now)
    if current is None:
        raise NothingRuns
    place(current, Period(current.starts_at, current.ends_at + by, anchor_day=None))
    if queued is not None:
        place(queued, next_period(now, queued.months, period_of(current)))
    return current


def lengthen_or_reopen(user_id: int, by: timedelta, now: datetime, since: datetime) -> Cycle:
    """As `lengthen`; when nothing runs, the cycle that ended last goes on, if it ended at `since` or later.

    Raises NothingRuns when there is no such cycle, or its new end would be over as well.
    """
    try:
        return lengthen(user_id, by, now)
    except NothingRuns:
        ended = Cycle.objects.filter(user_id=user_id, ends_at__range=(since, now)).order_by("ends_at").last()
    if ended is None or ended.ends_at + by <= now:
        raise NothingRuns
    place(ended, Period(ended.starts_at, ended.ends_at + by, anchor_day=None))
    # A suspension that began after the end has not reached this quota.
    suspended = Suspension.objects.filter(user_id=user_id, ended_at=None).exists()
    quota.set_suspended(user_id=user_id, suspended=suspended, now=now)
    return ended


def running_and_queued(user_id: int, now: datetime) -> tuple[Cycle | None, Cycle | None]:
    """The cycle that `now` lies in, and the one behind it, locked against everyone else.

    Whoever waited for the lock may come with a `now` from before a change. Two that wait are such a case: the
    first of them was started meanwhile, by a later clock, and is the one that runs.
    """
    lock(user_id)
    ahead = list(Cycle.objects.filter(user_id=user_id, ends_at__gt=now).order_by("starts_at"))
    waiting = [cycle for cycle in ahead if cycle.starts_at > now]
    if len(waiting) > 1:
        return waiting[-2], waiting[-1]
    current = next((cycle for cycle in ahead if cycle.starts_at <= now), None)
    return current, waiting[0] if waiting else None


def place(cycle: Cycle, period: Period) -> None:
    """Give a cycle, and its quota, another time. The database looks for overlaps when all is done."""
    cycle.starts_at, cycle.ends_at, cycle.anchor_day = period.starts_at, period.ends_at, period.anchor_day
    cycle.save(update_fields=["starts_at", "ends_at", "anchor_day"])
    quota.move(quota_id=cycle.quota_id, opens_at=period.starts_at, closes_at=period.ends_at)


def period_of(cycle: Cycle) -> Period:
    return Period(cycle.starts_at, cycle.ends_at, cycle.anchor_day)
