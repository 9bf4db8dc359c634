"""Generations as pages show them, and what is new for a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from nproxy.assets import queries as assets
from nproxy.assets.queries import PictureView
from nproxy.generations.models import Generation
from nproxy.generations.rules import KEPT_BACK, SILENCE, UNATTENDED
from nproxy.kit import live


@dataclass(frozen=True, slots=True)
class GenerationView:
    """One box of a turn. `error_code` and `error_reference` are empty unless it failed."""

    id: UUID
    turn_id: UUID
    position: int
    status: str
    stage: str
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error_code: str
    error_reference: str
    deleted: bool
    image: PictureView | None


@dataclass(frozen=True, slots=True)
class News:
    """What changed for a person after the version they knew; `cursor` is the version to ask with next."""

    cursor: int
    generations: list[GenerationView]


@dataclass(frozen=True, slots=True)
class SilentRun:
    """A running generation whose worker has written no heartbeat for too long."""

    generation_id: UUID
    user_id: int
    token: UUID | None
    heartbeat_at: datetime | None
    crashes: int


def news(user_id: int, after: int) -> News:
    """Everything of this person that changed after version `after`, deleted boxes too.

    The cursor is read first: what commits in between is told twice rather than never.
    """
    cursor = live.current(user_id)
    if cursor <= after:
        return News(cursor, [])
    changed = Generation.objects.filter(user_id=user_id, version__gt=after).order_by("version", "position")
    return News(cursor, _views(changed))


def of_turns(user_id: int, turn_ids: Collection[UUID]) -> dict[UUID, list[GenerationView]]:
    """The boxes of each turn in their order, without the deleted ones."""
    rows = Generation.objects.filter(user_id=user_id, turn_id__in=turn_ids, deleted_at=None).order_by(
        "position"
    )
    boxes: dict[UUID, list[GenerationView]] = {turn_id: [] for turn_id in turn_ids}
    for view in _views(rows):
        boxes[view.turn_id].append(view)
    return boxes


def open_count(user_id: int) -> int:
    """How many of the person's generations are in line or being drawn."""
    return Generation.objects.filter(user_id=user_id, status__in=["queued", "running"]).count()


def _views(rows: QuerySet[Generation]) -> list[GenerationView]:
    found = list(rows)
    pictures = assets.pictures([row.asset_id for row in found if row.asset_id and not row.deleted_at])
    return [
        GenerationView(
            id=row.id,
            turn_id=row.turn_id,
            position=row.position,
            status=row.status,
            stage=row.stage,
            queued_at=row.queued_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            error_code=row.error_code,
            error_reference=row.error_reference,
            deleted=row.deleted_at is not None,
            image=pictures.get(row.asset_id) if row.asset_id else None,
        )
        for row in found
    ]


def silent(now: datetime) -> list[SilentRun]:
    """Runs that are taken for dead."""
    rows = Generation.objects.filter(status=Generation.Status.RUNNING, heartbeat_at__lt=now - SILENCE)
    return [SilentRun(row.id, row.user_id, row.lease_token, row.heartbeat_at, row.crashes) for row in rows]


def kept_back(now: datetime) -> list[tuple[int, UUID]]:
    """(person, asset) of generations deleted in the last week whose picture is still there."""
    rows = Generation.objects.filter(deleted_at__gt=now - KEPT_BACK, asset__isnull=False)
    owners = {asset_id: user_id for user_id, asset_id in rows.values_list("user_id", "asset_id") if asset_id}
    return [(owners[asset_id], asset_id) for asset_id in assets.pictures(owners)]


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
