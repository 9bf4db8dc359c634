"""Generations as pages show them, and what is new for a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min, Q

from nproxy.assets import queries as assets
from nproxy.assets.queries import PictureView
from nproxy.generations.figures import Outcomes, outcomes
from nproxy.generations.gallery import Drawn, conversation_neighbours, drawn, gallery, gallery_neighbours
from nproxy.generations.models import Generation, Pace, Pause
from nproxy.kit import live

__all__ = [
    "Drawn",
    "Outcomes",
    "conversation_neighbours",
    "drawn",
    "gallery",
    "gallery_neighbours",
    "outcomes",
]

# Of what a person missed who was away for long, so many boxes at a time.
NEWS_AT_ONCE = 500


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


def news(user_id: int, after: int) -> News:
    """What of this person changed after version `after`, deleted boxes too; of very much the first part, and its cursor.

    The cursor is read first: what commits in between is told twice rather than never.
    """
    cursor = live.current(user_id)
    if cursor <= after:
        return News(cursor, [])
    changed = Generation.objects.filter(user_id=user_id, version__gt=after).order_by("version", "position")
    rows = list(changed[:NEWS_AT_ONCE])
    if len(rows) == NEWS_AT_ONCE:
        # What changed at one moment is told at one moment.
        cursor = rows[-1].version
        rows = list(changed.filter(version__lte=cursor))
    return News(cursor, _views(rows))


def of_turns(user_id: int, turn_ids: Collection[UUID]) -> dict[UUID, list[GenerationView]]:
    """The boxes of each turn in their order, without the deleted ones."""
    rows = Generation.objects.filter(user_id=user_id, turn_id__in=turn_ids, deleted_at=None).order_by(
        "position"
    )
    boxes: dict[UUID, list[GenerationView]] = {turn_id: [] for turn_id in turn_ids}
    for view in _views(rows):
        boxes[view.turn_id].append(view)
    return boxes


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits and what is being drawn; `oldest_at` is when the first one in line was asked for."""

    waiting: int
    drawing: int
    oldest_at: datetime | None


def queue() -> Queue:
    """The line as it is now."""
    is_waiting = Q(status=Generation.Status.QUEUED)
    found = Generation.objects.filter(status__in=["queued", "running"]).aggregate(
        waiting=Count("id", filter=is_waiting),
        drawing=Count("id", filter=~is_waiting),
        oldest_at=Min("queued_at", filter=is_waiting),
    )
    return Queue(**found)


def paces() -> dict[str, tuple[int, int]]:
    """By resolution: in how many seconds half of the latest pictures came, and nine of ten."""
    rows = Pace.objects.values_list("resolution", "half_seconds", "most_seconds")
    return {resolution: (half, most) for resolution, half, most in rows}


def open_count(user_id: int) -> int:
    """How many of the person's generations are in line or being drawn."""
    return Generation.objects.filter(user_id=user_id, status__in=["queued", "running"]).count()


def _views(rows: Iterable[Generation]) -> list[GenerationView]:
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


def paused_until(user_id: int, now: datetime) -> datetime | None:
    """When the person may draw again, if they may not now."""
    running = Pause.objects.filter(user_id=user_id, until__gt=now)
    return running.values_list("until", flat=True).order_by("-until").first()
