from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> Path:
    """A file store of this test's own; returns where it lies."""
    root = tmp_path / "files"
    settings.NPROXY_STORAGE_URL = f"file:{root}"
    return root
