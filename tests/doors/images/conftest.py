from __future__ import annotations

from pathlib import Path

import pytest
from django.test import AsyncClient, Client
from pytest_django import Settings

from nproxy.accounts.models import User


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> Path:
    """A file store of this test's own; returns where it lies."""
    root = tmp_path / "files"
    settings.NPROXY_STORAGE_URL = f"file:{root}"
    return root


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@example.com")


@pytest.fixture
def client(ada: User) -> Client:
    """Ada's browser, at the page lane; CSRF is checked as in life."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    return client


@pytest.fixture
def viewer(client: Client) -> AsyncClient:
    """Ada's browser, at the async lane."""
    viewer = AsyncClient()
    viewer.cookies = client.cookies
    return viewer
