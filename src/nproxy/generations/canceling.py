"""Stopping what is open, for whoever stops it: the person, a delete, an operator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from nproxy.generations.models import Generation
from nproxy.kit import live
from nproxy.quota import actions as quota

Status = Generation.Status
OPEN = (Status.QUEUED, Status.RUNNING)


def cancel_open(rows: QuerySet[Generation], user_id: int, now: datetime) -> int:
    """Cancel those of `rows` that are open, in the caller's transaction, and tell the person's pages; how many."""
    still_open = rows.filter(status__in=OPEN).order_by("id").select_for_update()
    ends = dict(still_open.values_list("id", "status"))
    end(ends, now)
    if ends:
        live.stamp(user_id, Generation, list(ends))
    return len(ends)


def end(statuses: Mapping[UUID, str], now: datetime) -> None:
    """Cancel locked generations, given with the status that they leave: what was running has cost a call."""
    for generation_id, status in statuses.items():
        Generation.objects.filter(pk=generation_id).update(status=Status.CANCELED, finished_at=now)
        unpaid = "canceled" if status == Status.RUNNING else ""
        quota.release(generation_id=generation_id, now=now, unpaid=unpaid)
