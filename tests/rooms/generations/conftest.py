"""A person who may draw, and a way to ask for pictures."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from PIL import Image

from nproxy.accounts.models import User
from nproxy.assets import actions as assets
from nproxy.assets.actions import StoredImage
from nproxy.audit.rules import SYSTEM
from nproxy.conversations import actions as conversations
from nproxy.conversations.rules import Wish
from nproxy.generations import actions as generations
from nproxy.quota import queries as quota
from nproxy.quota.rules import Counters
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries as cycles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Person:
    """Someone with an active cycle and an open conversation."""

    def __init__(self, limit: int = 20) -> None:
        self.id = User.objects.create_user(f"{uuid4().hex}@example.com").pk
        subscriptions.grant(user_id=self.id, limit=limit, reason="test", actor=SYSTEM, now=NOW)
        self.conversation = conversations.open_conversation(user_id=self.id, now=NOW)

    def send(
        self, *, batch: int = 1, prompt: str = "a banana", client_id: UUID | None = None, now: datetime = NOW
    ) -> generations.Started:
        return generations.start(
            user_id=self.id,
            conversation_id=self.conversation,
            client_id=client_id or uuid4(),
            wish=Wish(prompt, "text_to_image", "1K", "1:1", "", batch),
            source_ids=[],
            now=now,
        )

    def wish(self) -> UUID:
        """One generation in line; its id."""
        return self.send().generations[0][0]

    def counters(self) -> Counters:
        cycle = cycles.active_cycle(self.id, NOW)
        assert cycle is not None
        return quota.counters(cycle.quota_id)


@pytest.fixture
def person(db: None) -> Person:
    return Person()


@pytest.fixture
def make_person() -> Callable[..., Person]:
    return Person


@pytest.fixture
def picture() -> Callable[[int], StoredImage]:
    """A picture that is really in the store, not yet recorded."""

    def store(user_id: int) -> StoredImage:
        canvas = io.BytesIO()
        Image.new("RGB", (32, 24), "gold").save(canvas, "JPEG")
        return asyncio.run(assets.store_drawn(canvas.getvalue(), user_id=user_id))

    return store
