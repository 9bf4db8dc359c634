from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from nproxy_sandbox.testing import Running, running_openrouter


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Running]:
    with running_openrouter(flat_bytes=60_000) as running:
        yield running


@pytest.fixture
def openrouter(stand_in: Running, settings: Settings) -> Running:
    """The stand-in at the address where the product looks for OpenRouter, its memory empty."""
    stand_in.control.reset()
    settings.NPROXY_OPENROUTER_BASE_URL = stand_in.base_url
    return stand_in
