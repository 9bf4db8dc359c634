"""What the clock mends: runs whose worker fell silent, and queued generations that no job stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from nproxy.generations import lease
from nproxy.generations.models import Generation
from nproxy.generations.rules import SILENCE, UNATTENDED, Recovery, after_silence
from nproxy.kit import live
from nproxy.notifications import actions as notifications
from nproxy.quota import actions as quota

Status = Generation.Status


@dataclass(frozen=True, slots=True)
class SilentRun:
    """A running generation whose worker has written no heartbeat for too long."""

    generation_id: UUID
    user_id: int
    token: UUID | None
    heartbeat_at: datetime | None
    crashes: int


def silent(now: datetime) -> list[SilentRun]:
    """Runs that are taken for dead."""
    rows = Generation.objects.filter(status=Generation.Status.RUNNING, heartbeat_at__lt=now - SILENCE)
    return [SilentRun(row.id, row.user_id, row.lease_token, row.heartbeat_at, row.crashes) for row in rows]


_UNATTENDED = """
    SELECT generation.id
    FROM generations_generation AS generation
    LEFT JOIN procrastinate_jobs AS job ON job.id = generation.job_id
    LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE generation.status = 'queued' AND generation.queued_at < %(before)s
      AND NOT COALESCE(job.status = 'todo' OR (job.status = 'doing' AND worker.last_heartbeat > %(before)s), false)
"""


def unattended(now: datetime) -> list[UUID]:
    """Queued generations whose job is gone, or in the hands of a worker that has fallen silent."""
    with connection.cursor() as cursor:
        cursor.execute(_UNATTENDED, {"before": now - UNATTENDED})
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def mend(run: SilentRun, now: datetime) -> bool:
    """In line again, or failed with its hold released; False when the worker spoke up, or someone was first."""
    same = Generation.objects.filter(
        pk=run.generation_id, status=Status.RUNNING, lease_token=run.token, heartbeat_at=run.heartbeat_at
    )
    if after_silence(run.crashes) is Recovery.REQUEUE:
        if not lease.requeue(same, run.generation_id, crashes=1):
            return False
    elif not _give_up(same, run.generation_id, now):
        return False
    live.stamp(run.user_id, Generation, [run.generation_id])
    return True


def _give_up(same: lease.Generations, generation_id: UUID, now: datetime) -> bool:
    if not lease.end_with_error(same, generation_id, "internal", now):
        return False
    quota.release(generation_id=generation_id, now=now)
    notifications.alert(
        kind="generation.abandoned",
        subject=str(generation_id),
        text="A generation failed because two workers in turn died while drawing it.",
        now=now,
    )
    return True


@transaction.atomic
def attend_again(generation_id: UUID) -> bool:
    """A new job for a generation that is still queued."""
    still = Generation.objects.select_for_update().filter(pk=generation_id, status=Status.QUEUED).exists()
    if still:
        lease.attend([generation_id])
    return still


def recover(*, now: datetime) -> int:
    """Mend what dead workers left: silent runs go back in line once, then fail; lost jobs are deferred again.

    Called by the clock. Returns how many generations it touched.
    """
    mended = [mend(row, now) for row in silent(now)]
    attended = [attend_again(generation_id) for generation_id in unattended(now)]
    return sum(mended) + sum(attended)
