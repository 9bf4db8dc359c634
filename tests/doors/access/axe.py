"""What axe-core finds on a page: WCAG 2.2 AA, on a small phone and zoomed in, in both themes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import resolve
from playwright.sync_api import Browser, Page, ViewportSize, expect
from tests.journeys import chromium

# A small phone, and a desk of 1280 pixels at 200 % zoom.
SIZES: tuple[ViewportSize, ...] = ({"width": 320, "height": 640}, {"width": 640, "height": 450})
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LIGHT = {
    "runOnly": {"type": "tag", "values": TAGS},
    # Part of WCAG 2.2 AA, and off unless asked for.
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
# Themes differ by their colours and nothing else.
DARK = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
SCRIPT = Axe().axe_script
expect.set_options(timeout=30_000)


def nothing_more(page: Page) -> None:
    """The page as it is."""


@dataclass(frozen=True)
class Visit:
    """A page to read: whose browser, the name under which the site knows it, and what is done there first."""

    path: str
    name: str = ""
    client: Client = field(default_factory=Client)
    first: Callable[[Page], None] = nothing_more
    status: int = 200


@contextmanager
def engine() -> Iterator[Browser]:
    if chromium.path() is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: run scripts/browser")
        pytest.skip("no Chromium on this machine: scripts/browser says what to do")
    with chromium.running() as browser:
        yield browser


def violations(site: str, visits: list[Visit]) -> list[str]:
    """A line for each element that breaks a rule on these pages, each of which is the one it is said to be.

    The last thing that a test does with its database: beside an open browser none may use it.
    """
    cookies = [
        [{"name": name, "value": each.value, "url": site} for name, each in visit.client.cookies.items()]
        for visit in visits
    ]
    found: list[str] = []
    with engine() as browser:
        context = browser.new_context(base_url=site, reduced_motion="reduce")
        context.route("**/updates/**", lambda route: route.abort())
        page = context.new_page()
        for visit, theirs in zip(visits, cookies, strict=True):
            context.clear_cookies()
            context.add_cookies(theirs)  # type: ignore[arg-type]  # a plain dictionary is one
            found += _read(page, visit)
        context.close()
    return found


def _read(page: Page, visit: Visit) -> list[str]:
    page.set_viewport_size(SIZES[0])
    page.emulate_media(color_scheme="light")
    answer = page.goto(visit.path)
    assert answer is not None
    assert answer.status == visit.status, visit.path
    if visit.name:
        assert resolve(urlsplit(page.url).path).url_name == visit.name, visit.path
    visit.first(page)
    page.evaluate(SCRIPT)
    found = []
    for size in SIZES:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light")
        found += _found(page, LIGHT)
        page.emulate_media(color_scheme="dark")
        found += _found(page, DARK)
    return found


def _found(page: Page, options: dict[str, object]) -> list[str]:
    result = page.evaluate(f"axe.run(document, {json.dumps(options)})")
    return [
        f"{page.url} {each['id']}: {node['html'][:160]}"
        for each in result["violations"]
        for node in each["nodes"]
    ]
