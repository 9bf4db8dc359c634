"""What the clock mends: runs whose worker fell silent, and queued generations that no job stands for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from nproxy.generations import lease
from nproxy.generations.models import Generation
from nproxy.generations.queries import SilentRun, silent, unattended
from nproxy.generations.rules import Recovery, after_silence
from nproxy.kit import live
from nproxy.notifications import actions as notifications
from nproxy.quota import actions as quota

Status = Generation.Status


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
