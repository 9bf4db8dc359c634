"""What a person of many months has: conversations, turns and pictures, as rows without files."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from nproxy.assets.models import Asset
from nproxy.conversations.models import Conversation, Turn
from nproxy.generations.models import Generation
from nproxy.kit.ids import new_id

PROMPT = "a banana in a space suit on a quiet moon, loose watercolour, take {number}"
# As long as those of photos, the longest that are made.
PLACEHOLDER = "data:image/webp;base64," + "A" * 300


def fill(user_id: int, *, conversations: int, turns: int, images: int, now: datetime) -> list[UUID]:
    """Add so many conversations of so many turns of so many drawn images (1, 2 or 4); the conversations' ids."""
    talks = [_conversation(user_id, number, now) for number in range(conversations)]
    asked = [_turn(talk, number, images, now) for talk in talks for number in range(turns)]
    drawn = [(turn, position, _asset(user_id, now)) for turn in asked for position in range(1, images + 1)]
    Conversation.objects.bulk_create(talks)
    Turn.objects.bulk_create(asked, batch_size=1000)
    Asset.objects.bulk_create([asset for _turn_of, _position, asset in drawn], batch_size=1000)
    boxes = [_box(turn, position, asset, now) for turn, position, asset in drawn]
    Generation.objects.bulk_create(boxes, batch_size=1000)
    return [talk.id for talk in talks]


def _conversation(user_id: int, number: int, now: datetime) -> Conversation:
    touched = now - timedelta(hours=7 * number)
    title = PROMPT.format(number=number)[:60]
    return Conversation(id=uuid4(), user_id=user_id, title=title, created_at=touched, touched_at=touched)


def _turn(talk: Conversation, number: int, images: int, now: datetime) -> Turn:
    return Turn(
        id=new_id(),
        conversation=talk,
        user_id=talk.user_id,
        client_id=uuid4(),
        digest="",
        model="nano_banana",
        prompt=PROMPT.format(number=number),
        mode="text_to_image",
        resolution="1K",
        aspect_ratio="1:1",
        strength="",
        batch_size=images,
        created_at=now,
    )


def _asset(user_id: int, now: datetime) -> Asset:
    name = uuid4()
    return Asset(
        id=name,
        user_id=user_id,
        kind="drawn",
        path=f"bench/{name}",
        media_type="image/png",
        width=1024,
        height=1024,
        size=1,
        sha256="0" * 64,
        placeholder=PLACEHOLDER,
        created_at=now,
    )


def _box(turn: Turn, position: int, asset: Asset, now: datetime) -> Generation:
    return Generation(
        id=uuid4(),
        turn=turn,
        user_id=turn.user_id,
        position=position,
        status="succeeded",
        asset=asset,
        queued_at=now,
        started_at=now,
        finished_at=now + timedelta(seconds=14),
        provider_seconds=13.0,
    )
