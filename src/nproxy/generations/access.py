"""Whether a person may draw now, decided by taking the holds for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from nproxy.generations.models import Generation
from nproxy.generations.queries import paused_until
from nproxy.generations.refusals import (
    NoActiveCycle,
    NotEnoughLeft,
    Paused,
    Suspended,
    TooManyPending,
    TooManyUnpaid,
)
from nproxy.generations.rules import SILENCE
from nproxy.quota import actions as quota
from nproxy.subscriptions import queries as subscriptions

Status = Generation.Status


def hold(user_id: int, generations: list[tuple[UUID, int]], now: datetime) -> None:
    """Set requests aside in the active cycle for each (generation, ordinal), in the caller's transaction.

    The quota's row stays locked until that ends, so the count of pending ones is exact. Raises a Refusal.
    """
    cycle = subscriptions.active_cycle(user_id, now)
    if cycle is None:
        raise NoActiveCycle
    try:
        quota.hold(quota_id=cycle.quota_id, generations=generations, now=now)
    except quota.QuotaClosed:
        raise NoActiveCycle from None
    except quota.QuotaSuspended:
        raise Suspended from None
    except quota.QuotaExhausted:
        raise NotEnoughLeft from None
    except quota.TooManyUnpaid:
        raise TooManyUnpaid from None
    if paused_until(user_id, now):
        raise Paused
    ids = [generation_id for generation_id, _ in generations]
    if _pending_beside(user_id, ids, now) + len(ids) > settings.NPROXY_MAX_PENDING_PER_USER:
        raise TooManyPending


def _pending_beside(user_id: int, ids: list[UUID], now: datetime) -> int:
    """Open generations but `ids`, and canceled runs that their worker has not let go of yet."""
    is_open = Q(status__in=[Status.QUEUED, Status.RUNNING])
    counts = is_open | still_stopping(now)
    return Generation.objects.filter(counts, user_id=user_id).exclude(pk__in=ids).count()


def still_stopping(now: datetime) -> Q:
    """Canceled runs that a living worker has not let go of: their provider call goes on, and costs money.

    After `SILENCE` (rules.py) without a heartbeat the worker is taken for dead, and its lease for no obstacle.
    """
    return Q(status=Status.CANCELED, lease_token__isnull=False, heartbeat_at__gt=now - SILENCE)
