"""The chat in a real Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer
from tests.journeys import chromium


@pytest.fixture
def page(live_server: LiveServer, browser: Client) -> Iterator[Page]:
    """An empty chat of `person`, in which news comes only from the test."""
    if chromium.path() is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: run scripts/browser")
        pytest.skip("no Chromium on this machine: scripts/browser says what to do")
    cookies = [
        {"name": name, "value": morsel.value, "url": live_server.url}
        for name, morsel in browser.cookies.items()
    ]
    with chromium.running() as engine:
        context = engine.new_context(base_url=live_server.url)
        context.add_cookies(cookies)  # type: ignore[arg-type]  # a plain dictionary is one
        context.route("**/updates/**", lambda route: route.abort())
        page = context.new_page()
        page.goto("/chat/")
        yield page
        context.close()
