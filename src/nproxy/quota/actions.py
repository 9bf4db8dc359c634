"""The ledger's verbs: open a quota, hold a request, then capture or release it, once.

QuotaRefusal
├── QuotaClosed       the cycle has not begun, or is over
├── QuotaSuspended    the operator has suspended it
├── QuotaExhausted    not enough left for all that was asked
└── TooManyUnpaid     too many calls of this cycle brought no picture, and cost money all the same
NoOpenHold            capture or release of what is not held (any more)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from nproxy.quota.models import Entry, Hold, Quota
from nproxy.quota.rules import UNPAID_ALLOWED


class QuotaRefusal(Exception):
    """A hold was refused; nothing was held."""


class QuotaClosed(QuotaRefusal):
    pass


class QuotaSuspended(QuotaRefusal):
    pass


class QuotaExhausted(QuotaRefusal):
    pass


class TooManyUnpaid(QuotaRefusal):
    pass


class NoOpenHold(Exception):
    """This generation holds nothing."""


@transaction.atomic
def open_quota(
    *,
    user_id: int,
    limit: int,
    opens_at: datetime,
    closes_at: datetime,
    suspended: bool = False,
    now: datetime,
) -> int:
    """Grant `limit` (>= 1) requests to be held between `opens_at` and `closes_at` (exclusive); its id."""
    quota = Quota.objects.create(
        user_id=user_id, limit=limit, opens_at=opens_at, closes_at=closes_at, suspended=suspended
    )
    Entry.objects.create(quota=quota, kind=Entry.Kind.GRANT, units=limit, at=now)
    return quota.pk


def move(*, quota_id: int, opens_at: datetime, closes_at: datetime) -> None:
    """Let requests be held between other moments. What is held or used stays."""
    Quota.objects.filter(pk=quota_id).update(opens_at=opens_at, closes_at=closes_at)


@transaction.atomic
def set_suspended(*, user_id: int, suspended: bool, now: datetime) -> None:
    """Refuse, or allow again, new holds in every quota of this person that is not over. What is held stays held."""
    still_open = Quota.objects.filter(user_id=user_id, closes_at__gt=now)
    # One by one and in order: whoever else takes several quotas of a person does it so, too.
    for quota_id in still_open.order_by("pk").values_list("pk", flat=True):
        Quota.objects.filter(pk=quota_id).update(suspended=suspended)


@transaction.atomic(savepoint=False)
def hold(*, quota_id: int, generations: Sequence[tuple[UUID, int]], now: datetime) -> None:
    """Set one request aside for each (generation, ordinal): all of them or none.

    One UPDATE checks the period, the suspension, the limit and the unpaid calls (at most max(50, limit)
    in a cycle, if all that is held should come to nothing too), and keeps the quota's row locked until the
    transaction ends. Raises a QuotaRefusal.
    """
    count = len(generations)
    quotas = Quota.objects.alias(unpaid_allowed=Greatest("limit", Value(UNPAID_ALLOWED)))
    held = quotas.filter(
        limit__gte=F("used") + F("held") + count,
        unpaid_allowed__gte=F("unpaid") + F("held") + count,
        pk=quota_id,
        suspended=False,
        opens_at__lte=now,
        closes_at__gt=now,
    ).update(held=F("held") + count)
    if not held:
        raise _refusal(quota_id, count, now)
    holds = Hold.objects.bulk_create(
        Hold(quota_id=quota_id, generation=generation, ordinal=ordinal, created_at=now)
        for generation, ordinal in generations
    )
    Entry.objects.bulk_create(
        Entry(quota_id=quota_id, hold=one, kind=Entry.Kind.HOLD, units=1, at=now) for one in holds
    )


def _refusal(quota_id: int, count: int, now: datetime) -> QuotaRefusal:
    quota = Quota.objects.get(pk=quota_id)
    if quota.suspended:
        return QuotaSuspended()
    if not quota.opens_at <= now < quota.closes_at:
        return QuotaClosed()
    if quota.used + quota.held + count > quota.limit:
        return QuotaExhausted()
    return TooManyUnpaid()


def capture(*, generation_id: UUID, now: datetime) -> None:
    """The generation has its picture: its hold becomes a use. Raises NoOpenHold."""
    _resolve(generation_id, Hold.State.CAPTURED, Entry.Kind.CAPTURE, 1, now)


def release(*, generation_id: UUID, now: datetime, unpaid: str = "") -> None:
    """The generation ended without a picture: its hold goes back. Raises NoOpenHold.

    `unpaid` says why a provider was called for nothing, if it was: `canceled`, `refused` or `policy`.
    """
    _resolve(generation_id, Hold.State.RELEASED, Entry.Kind.RELEASE, 0, now, unpaid=unpaid)


# One statement, so that it is whole by itself: the hold, its entry and the counters, or none of them.
_RESOLVE = """
    WITH resolved AS (
        UPDATE quota_hold SET state = %(state)s, resolved_at = %(now)s, unpaid = %(unpaid)s
        WHERE generation = %(generation)s AND state = 'held'
        RETURNING id, quota_id
    ), written AS (
        INSERT INTO quota_entry (quota_id, hold_id, kind, units, at)
        SELECT quota_id, id, %(kind)s, 1, %(now)s FROM resolved
    )
    UPDATE quota_quota SET held = held - 1, used = used + %(used)s,
        unpaid = unpaid + CASE WHEN %(unpaid)s = '' THEN 0 ELSE 1 END
    FROM resolved WHERE quota_quota.id = resolved.quota_id
"""


def _resolve(
    generation_id: UUID, state: Hold.State, kind: Entry.Kind, used: int, now: datetime, *, unpaid: str = ""
) -> None:
    facts: dict[str, Any] = {
        "state": state,
        "now": now,
        "generation": generation_id,
        "kind": kind,
        "used": used,
        "unpaid": unpaid,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RESOLVE, facts)
        if cursor.rowcount != 1:
            raise NoOpenHold(generation_id)
