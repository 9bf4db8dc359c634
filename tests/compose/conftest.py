"""The whole stack in containers, as compose.yaml describes it. Only by `make test-compose`: it takes minutes and Docker."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.compose.stack import ComposeStack, running
from tests.journeys import chromium
from tests.journeys.visitor import Visitor

collect_ignore_glob = [] if os.environ.get("COMPOSE_TEST") else ["test_*.py"]


@pytest.fixture(scope="session")
def stack() -> Iterator[ComposeStack]:
    with running() as stack:
        yield stack


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.running() as browser:
        yield browser


@pytest.fixture
def visitor(browser: Browser, stack: ComposeStack) -> Iterator[Visitor]:
    """Someone at the door. Chromium does not know Caddy's own authority; `Client` does, and checks it."""
    context = browser.new_context(base_url=stack.site, ignore_https_errors=True)
    visitor = Visitor(context)
    yield visitor
    visitor.leave()
    assert visitor.complaints == []
