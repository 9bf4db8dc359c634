"""All that a worker may change about a generation, each change guarded by its lease token.

Begin writes a fresh token; whoever comes with another one, or too late, changes nothing and
is told so by LeaseLost (or False). One transaction each, locks in the order generation, quota, version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, QuerySet

from nproxy.assets import actions as assets
from nproxy.conversations import queries as conversations
from nproxy.conversations.queries import Task
from nproxy.generations import jobs
from nproxy.generations.models import Generation
from nproxy.generations.pauses import pause_if_refused_too_often
from nproxy.generations.rules import unpaid_for
from nproxy.kit import live
from nproxy.kit.ids import short_code
from nproxy.quota import actions as quota

Generations = QuerySet[Generation]
Status = Generation.Status
Stage = Generation.Stage


class LeaseLost(Exception):
    """The generation was canceled, or taken from this worker: nothing of it may be changed any more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A generation in this worker's hands."""

    generation_id: UUID
    user_id: int
    token: UUID
    task: Task


@transaction.atomic
def begin(generation_id: UUID, now: datetime) -> Lease | None:
    """Take a queued generation; None when it is no longer queued (canceled, begun, or done already)."""
    token = uuid4()
    taken = Generation.objects.filter(pk=generation_id, status=Status.QUEUED).update(
        status=Status.RUNNING, stage=Stage.DRAWING, lease_token=token, heartbeat_at=now, started_at=now
    )
    if not taken:
        return None
    user_id, turn_id = Generation.objects.values_list("user_id", "turn_id").get(pk=generation_id)
    live.stamp(user_id, Generation, [generation_id])
    return Lease(generation_id, user_id, token, conversations.task(turn_id))


def beat(lease: Lease, now: datetime) -> bool:
    """Say that the worker is alive; False when the lease is lost."""
    return bool(_mine(lease).update(heartbeat_at=now))


@transaction.atomic
def enter_saving(lease: Lease, now: datetime) -> None:
    """The picture has arrived and is being stored. Raises LeaseLost."""
    if not _mine(lease).update(stage=Stage.SAVING, heartbeat_at=now):
        raise LeaseLost
    live.stamp(lease.user_id, Generation, [lease.generation_id])


@transaction.atomic
def finish(lease: Lease, stored: assets.StoredImage, provider_seconds: float, now: datetime) -> None:
    """The stored picture becomes the generation's, and its hold a use. Raises LeaseLost."""
    won = _mine(lease).update(
        status=Status.SUCCEEDED,
        asset_id=stored.id,
        lease_token=None,
        finished_at=now,
        provider_seconds=provider_seconds,
    )
    if not won:
        raise LeaseLost
    assets.record_drawn(stored, now=now)
    quota.capture(generation_id=lease.generation_id, now=now)
    live.stamp(lease.user_id, Generation, [lease.generation_id])


@transaction.atomic
def fail(lease: Lease, code: str, now: datetime) -> None:
    """The generation ends with an error `code` (web.words has them in words), and its hold goes back. Raises LeaseLost."""
    if not end_with_error(_mine(lease), lease.generation_id, code, now):
        raise LeaseLost
    unpaid = unpaid_for(code)
    quota.release(generation_id=lease.generation_id, now=now, unpaid=unpaid)
    if unpaid == "policy":
        pause_if_refused_too_often(lease.user_id, now)
    live.stamp(lease.user_id, Generation, [lease.generation_id])


@transaction.atomic
def hand_back(lease: Lease) -> bool:
    """Put the generation in line again for another worker (this one is stopping); not counted as a crash."""
    if not requeue(_mine(lease), lease.generation_id):
        return False
    live.stamp(lease.user_id, Generation, [lease.generation_id])
    return True


def let_go(lease: Lease) -> None:
    """A canceled run has really stopped: it no longer counts as pending."""
    held = Generation.objects.filter(pk=lease.generation_id, lease_token=lease.token)
    held.filter(status=Status.CANCELED).update(lease_token=None)


def requeue(rows: Generations, generation_id: UUID, *, crashes: int = 0) -> bool:
    """Guarded by `rows`: back in line with a job of its own, `crashes` more on its account."""
    won = rows.update(
        status=Status.QUEUED, stage=Stage.IN_LINE, lease_token=None, crashes=F("crashes") + crashes
    )
    if won:
        attend([generation_id])
    return bool(won)


def end_with_error(rows: Generations, generation_id: UUID, code: str, now: datetime) -> bool:
    """Guarded by `rows`: failed with `code` and the reference that a person can quote."""
    return bool(
        rows.update(
            status=Status.FAILED,
            error_code=code,
            error_reference=short_code(generation_id),
            lease_token=None,
            finished_at=now,
        )
    )


def attend(generation_ids: Sequence[UUID]) -> None:
    """Defer a job for each generation and remember which."""
    for generation_id, job_id in zip(generation_ids, jobs.defer(generation_ids), strict=True):
        Generation.objects.filter(pk=generation_id).update(job_id=job_id)


def _mine(lease: Lease) -> Generations:
    return Generation.objects.filter(pk=lease.generation_id, status=Status.RUNNING, lease_token=lease.token)
