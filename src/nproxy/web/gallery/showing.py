"""Pictures as the gallery's pages draw them: under their months, and one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format

from nproxy.assets.queries import PictureView
from nproxy.assets.rules import EXTENSIONS
from nproxy.conversations import queries as turns
from nproxy.generations import queries as generations
from nproxy.generations.queries import Drawn
from nproxy.generations.rules import Sought
from nproxy.kit.ids import short_code
from nproxy.web import words
from nproxy.web.gallery.choosing import as_query


@dataclass(frozen=True, slots=True)
class Month:
    """Pictures of one month; `name` is empty when the month's heading stands on the page already."""

    key: str
    name: str
    pictures: list[Drawn]


@dataclass(frozen=True, slots=True)
class Viewer:
    """One picture, large: what it is, where it comes from, and where the arrows lead (addresses, or empty)."""

    item: Drawn
    source: PictureView | None
    kind: str
    strength: str
    seconds: int
    reference: str
    address: str
    newer: str
    older: str
    back: str


def by_month(items: Sequence[Drawn], *, headed: str = "") -> list[Month]:
    """`items` (newest first) under their months; the month with the key `headed` gets no heading again."""
    groups = groupby(items, key=lambda item: timezone.localdate(item.finished_at).replace(day=1))
    return [
        Month(f"{day:%Y-%m}", "" if f"{day:%Y-%m}" == headed else date_format(day, "F Y"), list(group))
        for day, group in groups
    ]


def viewer(user_id: int, asset_id: UUID, wanted: Sought, conversation: str) -> Viewer:
    """The picture among those of its conversation (any text in `conversation`), or of the gallery as it was filtered.

    Raises LookupError when it is not this person's, or gone.
    """
    found = generations.drawn(user_id, asset_ids=[asset_id])
    if not found:
        raise LookupError(asset_id)
    item = found[0]
    if conversation:
        query = f"?in={item.conversation_id}"
        before, after = generations.conversation_neighbours(user_id, item)
        back = f"/chat/{item.conversation_id}/?turn={item.turn_id}#turn-{item.turn_id}"
    else:
        query = as_query(wanted)
        before, after = generations.gallery_neighbours(user_id, wanted, asset_id)
        back = f"/gallery/{query}"
    return Viewer(
        item=item,
        source=_source(user_id, item),
        kind=EXTENSIONS[item.media_type].upper(),
        strength=str(words.STRENGTHS[item.strength][0]) if item.strength else "",
        seconds=round((item.finished_at - item.started_at).total_seconds()) if item.started_at else 0,
        reference=short_code(item.generation_id),
        address=f"/gallery/{asset_id}/{query}",
        newer=f"/gallery/{before}/{query}" if before else "",
        older=f"/gallery/{after}/{query}" if after else "",
        back=back,
    )


def _source(user_id: int, item: Drawn) -> PictureView | None:
    """What the picture was made from; of several sources the last, whose shape it took."""
    if item.mode != "image_to_image":
        return None
    turn = turns.turn(user_id, item.turn_id)
    return turn.sources[-1] if turn and turn.sources else None


def picture_json(item: Drawn) -> dict[str, Any]:
    """A picture as `GET /gallery/` tells it to programs."""
    return {
        "id": item.picture.id,
        "generation": item.generation_id,
        "turn": item.turn_id,
        "conversation": item.conversation_id,
        "prompt": item.prompt,
        "mode": item.mode,
        "resolution": item.resolution,
        "aspect_ratio": item.aspect_ratio,
        "strength": item.strength,
        "created_at": item.finished_at,
        "favourite": item.is_favourite,
        "width": item.picture.width,
        "height": item.picture.height,
        "size": item.size,
        "url": f"/images/{item.picture.id}/original",
        "thumbnail_url": f"/images/{item.picture.id}/640",
    }
