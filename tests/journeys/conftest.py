"""A real Chromium on the real processes. All journeys share one demo, so they run in one worker of xdist."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser
from tests.journeys import chromium
from tests.journeys.stack import Stack, running
from tests.journeys.visitor import Visitor


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with running() as stack:
        yield stack


@pytest.fixture
def drawing(stack: Stack) -> Iterator[Stack]:
    """The stack, drawing quickly unless the test says otherwise."""
    stack.draw_in(0.3)
    yield stack
    stack.draw_in(0.3)


# Not for the session: while Playwright runs, its thread counts as one with a running event loop,
# in which no other test could start one or use the database.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium.path() is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: run scripts/browser")
        pytest.skip("no Chromium on this machine: scripts/browser says what to do")
    with chromium.running() as browser:
        yield browser


@pytest.fixture
def new_visitor(browser: Browser, drawing: Stack) -> Iterator[Callable[..., Visitor]]:
    """Makes people with a browser of their own, whose pages may say nothing to the console that was not expected."""
    visitors: list[Visitor] = []

    def make(**options: object) -> Visitor:
        visitors.append(Visitor(browser.new_context(base_url=drawing.site, **options)))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.leave()
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    assert complaints == []


@pytest.fixture
def visitor(new_visitor: Callable[..., Visitor]) -> Visitor:
    """Someone at the door."""
    return new_visitor()


@pytest.fixture
def user(visitor: Visitor, stack: Stack) -> Visitor:
    """Someone with a cycle, in an empty chat."""
    visitor.log_in(stack.user)
    return visitor
