"""Generations as pages show them, and what is new for a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Count, F, Min, Q, QuerySet

from nproxy.assets import queries as assets
from nproxy.assets.queries import PictureView
from nproxy.conversations.rules import search_query
from nproxy.generations.figures import Outcomes, outcomes
from nproxy.generations.models import Generation, Pace, Pause
from nproxy.generations.rules import KEPT_BACK, SILENCE, UNATTENDED, Sought
from nproxy.kit import live

__all__ = ["Outcomes", "outcomes"]


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
class Drawn:
    """A finished picture, and where it comes from. `size` is in bytes."""

    generation_id: UUID
    position: int
    picture: PictureView
    media_type: str
    size: int
    is_favourite: bool
    started_at: datetime | None
    finished_at: datetime
    turn_id: UUID
    conversation_id: UUID
    prompt: str
    mode: str
    resolution: str
    aspect_ratio: str
    strength: str


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


def gallery(user_id: int, sought: Sought, *, before: UUID | None = None, limit: int = 60) -> list[Drawn]:
    """The person's pictures from the newest on, or from behind the picture `before`; `limit` of them at most."""
    rows = _sought(user_id, sought).order_by("-finished_at", "-id")
    if before and (mark := _place_of(user_id, before)):
        rows = rows.filter(finished_at__lte=mark[0]).exclude(finished_at=mark[0], id__gte=mark[1])
    return _drawn(rows[:limit])


def gallery_neighbours(user_id: int, sought: Sought, asset_id: UUID) -> tuple[UUID | None, UUID | None]:
    """The pictures just before (newer) and just behind (older) that one in the gallery."""
    mark = _place_of(user_id, asset_id)
    if mark is None:
        return None, None
    rows = _sought(user_id, sought)
    newer = rows.filter(finished_at__gte=mark[0]).exclude(finished_at=mark[0], id__lte=mark[1])
    older = rows.filter(finished_at__lte=mark[0]).exclude(finished_at=mark[0], id__gte=mark[1])
    return (
        newer.order_by("finished_at", "id").values_list("asset_id", flat=True).first(),
        older.order_by("-finished_at", "-id").values_list("asset_id", flat=True).first(),
    )


def conversation_neighbours(user_id: int, drawn: Drawn) -> tuple[UUID | None, UUID | None]:
    """The pictures just before (earlier) and just behind that one in its conversation."""
    rows = _shown(user_id).filter(turn__conversation_id=drawn.conversation_id)
    ids = list(rows.order_by("turn__created_at", "turn_id", "position").values_list("asset_id", flat=True))
    place = ids.index(drawn.picture.id)
    return (
        ids[place - 1] if place else None,
        ids[place + 1] if place + 1 < len(ids) else None,
    )


def drawn(
    user_id: int,
    *,
    asset_ids: Collection[UUID] | None = None,
    turn_id: UUID | None = None,
    conversation_id: UUID | None = None,
) -> list[Drawn]:
    """These pictures of the person, or those of one turn or conversation, or all of them; the oldest first."""
    rows = _shown(user_id)
    if asset_ids is not None:
        rows = rows.filter(asset_id__in=asset_ids)
    if turn_id is not None:
        rows = rows.filter(turn_id=turn_id)
    if conversation_id is not None:
        rows = rows.filter(turn__conversation_id=conversation_id)
    return _drawn(rows.order_by("finished_at", "id"))


def _shown(user_id: int) -> QuerySet[Generation]:
    return Generation.objects.filter(
        user_id=user_id, status=Generation.Status.SUCCEEDED, deleted_at=None, asset__deleted_at=None
    )


def _sought(user_id: int, sought: Sought) -> QuerySet[Generation]:
    rows = _shown(user_id)
    if query := search_query(sought.words):
        rows = rows.filter(turn__words=SearchQuery(query, config="simple", search_type="raw"))
    if sought.favourite:
        rows = rows.filter(asset__favoured_at__isnull=False)
    if sought.mode:
        rows = rows.filter(turn__mode=sought.mode)
    return rows.filter(_SHAPES[sought.shape]) if sought.shape else rows


# Nearly square counts as square: a twentieth is not seen.
_TALL = Q(asset__height__gt=F("asset__width") * 21 / 20)
_WIDE = Q(asset__width__gt=F("asset__height") * 21 / 20)
_SHAPES = {"portrait": _TALL, "landscape": _WIDE, "square": ~_TALL & ~_WIDE}


def _place_of(user_id: int, asset_id: UUID) -> tuple[datetime, UUID] | None:
    """Where a picture stands in the gallery's order, deleted ones too."""
    row = Generation.objects.filter(user_id=user_id, asset_id=asset_id, finished_at__isnull=False)
    place = row.values_list("finished_at", "id").first()
    return (place[0], place[1]) if place and place[0] else None


def _drawn(rows: QuerySet[Generation]) -> list[Drawn]:
    return [
        Drawn(
            generation_id=row.id,
            position=row.position,
            picture=PictureView(row.asset.id, row.asset.width, row.asset.height, row.asset.placeholder),
            media_type=row.asset.media_type,
            size=row.asset.size,
            is_favourite=row.asset.favoured_at is not None,
            started_at=row.started_at,
            finished_at=row.asset.created_at,
            turn_id=row.turn_id,
            conversation_id=row.turn.conversation_id,
            prompt=row.turn.prompt,
            mode=row.turn.mode,
            resolution=row.turn.resolution,
            aspect_ratio=row.turn.aspect_ratio,
            strength=row.turn.strength,
        )
        for row in rows.select_related("asset", "turn").defer("turn__words")
        if row.asset
    ]


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


def paused_until(user_id: int, now: datetime) -> datetime | None:
    """When the person may draw again, if they may not now."""
    running = Pause.objects.filter(user_id=user_id, until__gt=now)
    return running.values_list("until", flat=True).order_by("-until").first()
