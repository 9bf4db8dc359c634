"""The gallery's modules in a real Chromium, with more pictures than anyone wants to draw in a test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.journeys import chromium

MANY = 400
DOT = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="gold"/></svg>'
VISIBLE = "links => links.filter(link => link.checkVisibility({contentVisibilityAuto: true})).length"


@pytest.fixture
def page(live_server: LiveServer, browser: Client, many: Callable[..., None]) -> Iterator[Page]:
    """The gallery of `person`, full; every picture is the same dot."""
    if chromium.path() is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: run scripts/browser")
        pytest.skip("no Chromium on this machine: scripts/browser says what to do")
    many(MANY)
    cookies = [
        {"name": name, "value": morsel.value, "url": live_server.url}
        for name, morsel in browser.cookies.items()
    ]
    with chromium.running() as engine:
        context = engine.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 800})
        context.add_cookies(cookies)  # type: ignore[arg-type]  # a plain dictionary is one
        context.route("**/updates/**", lambda route: route.abort())
        context.route("**/images/**", lambda route: route.fulfill(content_type="image/svg+xml", body=DOT))
        page = context.new_page()
        page.goto("/gallery/")
        yield page
        context.close()


def test_scrolling_on_brings_every_picture_once_under_one_heading_a_month(page: Page) -> None:
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(60)
    while tiles.count() < MANY:
        before = tiles.count()
        page.locator("#main").evaluate("main => main.scrollTo(0, main.scrollHeight)")
        expect(tiles).not_to_have_count(before, timeout=30_000)
    ids = tiles.evaluate_all("tiles => tiles.map(tile => tile.dataset.image)")
    assert len(set(ids)) == MANY
    assert page.locator(".month h2").all_inner_texts() == ["November 2026"]
    expect(page.locator("[data-more]")).to_have_count(0)
    # What is off the screen is not laid out, however long the page has become.
    assert page.locator(".tile-link").evaluate_all(VISIBLE) < MANY / 2


def test_a_failed_answer_leaves_the_link_and_a_press_goes_on(page: Page) -> None:
    page.route("**/gallery/?before=*", lambda route: route.fulfill(status=502, body="<h1>502</h1>"), times=1)
    page.locator("#main").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    more = page.get_by_role("link", name="Show older images")
    expect(more).to_be_visible()
    expect(page.locator(".tile")).to_have_count(60)
    more.click()
    expect(page.locator(".tile").nth(60)).to_be_attached(timeout=30_000)


def test_closed_after_a_walk_the_focus_is_on_the_picture_seen_last(page: Page) -> None:
    page.locator(".tile a").nth(3).click()
    dialog = page.locator("dialog#lightbox[open]")
    expect(dialog.locator("[data-viewer]")).to_be_visible()
    for step in (4, 5, 6):
        page.keyboard.press("ArrowRight")
        image = str(page.locator(".tile").nth(step).get_attribute("data-image"))
        expect(dialog.locator("[data-viewer]")).to_have_attribute("data-image", image)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator(".tile a").nth(6)).to_be_focused()
