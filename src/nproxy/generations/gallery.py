"""A person's finished pictures, and where each comes from: the gallery, its filters, its neighbours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Q, QuerySet

from nproxy.assets.queries import PictureView
from nproxy.conversations.rules import search_query
from nproxy.generations.models import Generation
from nproxy.generations.rules import Sought


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
