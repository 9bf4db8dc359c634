"""People at the door: signed in, with or without an active cycle, and pictures drawn for them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from nproxy.accounts.models import User
from nproxy.assets import actions as assets
from nproxy.audit.rules import SYSTEM
from nproxy.generations import lease
from nproxy.subscriptions import actions as subscriptions

# Odd enough to stand out wherever it should not be seen.
LIMIT = 7919


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> None:
    """A file store of this test's own."""
    settings.NPROXY_STORAGE_URL = f"file:{tmp_path}/files"


@pytest.fixture
def stranger(db: None) -> User:
    """A registered person without a plan."""
    return User.objects.create_user(f"{uuid4().hex}@example.com", "correct horse battery")


@pytest.fixture
def person(stranger: User) -> User:
    """A person who may draw."""
    subscriptions.grant(user_id=stranger.pk, limit=LIMIT, reason="test", actor=SYSTEM, now=timezone.now())
    return stranger


@pytest.fixture
def browser(person: User) -> Client:
    """The browser of `person`, signed in."""
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def photo() -> Callable[..., bytes]:
    """Makes a JPEG."""

    def make(width: int = 64, height: int = 48, colour: str = "gold") -> bytes:
        canvas = io.BytesIO()
        Image.new("RGB", (width, height), colour).save(canvas, "JPEG")
        return canvas.getvalue()

    return make


@pytest.fixture
def draw(store: None, person: User, photo: Callable[..., bytes]) -> Callable[[UUID], UUID]:
    """Does a worker's part: the generation succeeds with a small picture, whose id is returned."""

    def succeed(generation_id: UUID) -> UUID:
        held = lease.begin(generation_id, timezone.now())
        assert held is not None
        stored = asyncio.run(assets.store_drawn(photo(), user_id=person.pk))
        lease.finish(held, stored, 1.0, timezone.now())
        return stored.id

    return succeed
