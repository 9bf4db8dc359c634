"""What several rooms are tested with: an operator, provider keys, and the providers' stand-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from nproxy.audit.rules import Actor
from nproxy.providers import actions as providers
from nproxy_sandbox.testing import Running, running_gemini, running_openrouter

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AddKey = Callable[..., int]
HEADS = {"gemini": "AQ.", "openrouter": "sk-or-v1-"}


@pytest.fixture
def operator() -> Actor:
    return Actor(kind="cli", name="ops", origin="test")


@pytest.fixture
def add_key(operator: Actor) -> AddKey:
    """Adds a key called `label`; its secret asks the stand-in for `fault`."""

    def add(
        label: str, *, fault: str = "ok", account: str = "", provider: str = "gemini", proxy: str = ""
    ) -> int:
        return providers.add_key(
            provider=provider,
            label=label,
            secret=f"{HEADS[provider]}sandbox-{fault}-{label}-0123456789",
            account=account,
            proxy=proxy,
            actor=operator,
            now=NOW,
        )

    return add


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Running]:
    with running_gemini(flat_bytes=60_000) as running:
        yield running


@pytest.fixture
def gemini(stand_in: Running, settings: Settings) -> Running:
    """The stand-in at the address where the product looks for Gemini, its memory empty."""
    stand_in.control.reset()
    settings.NPROXY_GEMINI_BASE_URL = stand_in.base_url
    return stand_in


@pytest.fixture(scope="module")
def second_stand_in() -> Iterator[Running]:
    with running_openrouter(flat_bytes=60_000) as running:
        yield running


@pytest.fixture
def openrouter(second_stand_in: Running, settings: Settings) -> Running:
    """The stand-in at the address where the product looks for OpenRouter, its memory empty."""
    second_stand_in.control.reset()
    settings.NPROXY_OPENROUTER_BASE_URL = second_stand_in.base_url
    return second_stand_in
