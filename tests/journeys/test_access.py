"""Everybody can use it: axe-core on every page of ours, the keyboard alone, and what is said aloud."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.journeys.stack import Stack
from tests.journeys.test_pages import INSIDE, OUTSIDE
from tests.journeys.visitor import Visitor

# A small phone, and a desk of 1280 pixels at 200 % zoom.
SIZES = [{"width": 320, "height": 640}, {"width": 640, "height": 450}]
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # Part of WCAG 2.2 AA, and off unless asked for.
    "rules": {"target-size": {"enabled": True}},
}
axe = Axe()


def violations(page: Page) -> list[str]:
    """What axe finds, a line for each element."""
    found = axe.run(page, options=RULES).response["violations"]
    return [f"{page.url} {each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]


def at_every_size(page: Page) -> list[str]:
    found: list[str] = []
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a ViewportSize
        found += violations(page)
    return found


@pytest.fixture(params=["light", "dark"])
def reader(request: pytest.FixtureRequest, new_visitor: Callable[..., Visitor]) -> Visitor:
    return new_visitor(color_scheme=request.param, reduced_motion="reduce")


def test_pages_outside_have_no_violation_in_any_theme_and_size(reader: Visitor) -> None:
    reader.expects("status of 404")
    found = []
    for path in [*OUTSIDE, "/contact/", "/styleguide/", "/nowhere/"]:
        reader.goes_to(path)
        found += at_every_size(reader.page)
    assert found == []


def test_pages_inside_have_no_violation_in_any_theme_and_size(reader: Visitor, stack: Stack) -> None:
    reader.log_in(stack.user)
    reader.sends("a quiet harbour", images=2).shows_all(2)
    reader.types_and_sends("[fault:IMAGE_SAFETY] another one")
    reader.turn().card().becomes("failed")
    found = at_every_size(reader.page)
    picture = str(reader.turn(0).place.locator(".card-link").first.get_attribute("href"))
    for path in [*INSIDE, picture, "/accounts/delete/"]:
        reader.goes_to(path)
        found += at_every_size(reader.page)
    assert found == []


def test_from_the_login_to_the_download_with_the_keyboard_alone(visitor: Visitor, stack: Stack) -> None:
    page = visitor.page
    visitor.goes_to("/accounts/login/")
    press(page, "E-mail")
    page.keyboard.type(stack.user.email)
    press(page, "Password")
    page.keyboard.type(stack.user.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/chat/")
    press(page, "What to draw")
    page.keyboard.type("a lighthouse by keyboard")
    page.keyboard.press("Enter")
    # As many as this person asked for last.
    visitor.turn().card().shows_its_picture()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.hasAttribute('data-download')"):
            break
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.path().stat().st_size > 1000


def press(page: Page, label: str) -> None:
    """Tab until the focus is on the field of this label, and see that it is seen."""
    field = page.get_by_label(label, exact=True)
    for _ in range(60):
        if field.evaluate("field => field === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(field).to_be_focused()


def test_a_finished_picture_is_said_once_and_politely(user: Visitor) -> None:
    page = user.page
    page.evaluate(
        """() => {
            window.said = [];
            const region = document.getElementById("announcer");
            new MutationObserver(() => region.textContent && window.said.push(region.textContent))
                .observe(region, { childList: true, characterData: true, subtree: true });
        }"""
    )
    user.sends("a lamp that is announced").shows_all()
    page.wait_for_function("window.said.length > 0")
    page.wait_for_timeout(500)
    said = page.evaluate("window.said")
    assert len([words for words in said if "ready" in words]) == 1
    assert page.locator("[aria-live=assertive]").count() == 0


def test_with_forced_colours_what_is_chosen_and_what_is_left_can_still_be_seen(
    new_visitor: Callable[..., Visitor], stack: Stack
) -> None:
    visitor = new_visitor(forced_colors="active")
    visitor.log_in(stack.user)
    page = visitor.page
    for chosen in ("[data-battery] i", "[data-setting=resolution] label:has(:checked)", ".send"):
        adjusted = page.locator(chosen).first.evaluate("part => getComputedStyle(part).forcedColorAdjust")
        assert adjusted == "none", chosen
