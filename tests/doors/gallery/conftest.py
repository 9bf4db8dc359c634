"""A person with pictures: a few real ones, or rows of many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from nproxy.accounts.models import User
from nproxy.assets.models import Asset
from nproxy.conversations.models import Conversation, Turn
from nproxy.generations.models import Generation
from nproxy.kit.ids import new_id

JSON = {"accept": "application/json"}
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def sent(browser: Client, draw: Callable[[UUID], UUID]) -> Callable[..., tuple[str, list[UUID]]]:
    """Sends a turn and has it drawn: its conversation, and its pictures."""

    def send(prompt: str = "a red boat", conversation: str = "", **form: object) -> tuple[str, list[UUID]]:
        conversation = conversation or browser.post("/chat/", headers=JSON).json()["conversation"]
        body = {"client_id": str(uuid4()), "prompt": prompt, **form}
        told = browser.post(f"/chat/{conversation}/turns/", body, headers=JSON).json()
        return conversation, [draw(UUID(each["id"])) for each in told["generations"]]

    return send


@pytest.fixture
def many(person: User) -> Callable[..., None]:
    """Rows of so many pictures of `person`, four an hour back from `NOW`, without files."""

    def make(count: int, *, owner: User = person) -> None:
        conversation = Conversation.objects.create(
            id=new_id(), user=owner, title="Many", created_at=NOW, touched_at=NOW
        )
        turn = Turn.objects.create(
            id=new_id(),
            conversation=conversation,
            user=owner,
            client_id=uuid4(),
            digest="",
            model="nano_banana",
            prompt="one of many",
            mode="text_to_image",
            resolution="1K",
            aspect_ratio="1:1",
            batch_size=4,
            created_at=NOW,
        )
        moments = [NOW - timedelta(minutes=15 * number) for number in range(count)]
        assets = [
            Asset(
                id=new_id(),
                user=owner,
                kind="drawn",
                path=f"none/{uuid4()}",
                media_type="image/png",
                width=1024,
                height=1024,
                size=1,
                sha256="",
                placeholder="data:image/webp;base64," + "A" * 300,
                created_at=moment,
            )
            for moment in moments
        ]
        Asset.objects.bulk_create(assets)
        Generation.objects.bulk_create(
            Generation(
                id=new_id(),
                turn=turn,
                user=owner,
                position=position,
                status="succeeded",
                asset=asset,
                queued_at=asset.created_at,
                started_at=asset.created_at,
                finished_at=asset.created_at,
            )
            for position, asset in enumerate(assets, start=1)
        )

    return make
