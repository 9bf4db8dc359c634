"""Every page, on every screen: quiet, and as wide as the screen."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.stack import Stack
from tests.journeys.visitor import Visitor

OUTSIDE = [
    "/",
    "/terms/",
    "/privacy/",
    "/accounts/register/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/0-bad/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/bad/",
]
INSIDE = [
    "/chat/",
    "/chat/search/?q=banana",
    "/gallery/",
    "/gallery/?q=nothing-has-these-words",
    "/dashboard/",
    "/billing/",
    "/accounts/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/terms/",
]
SMALL = {"width": 360, "height": 740}


# Whatever could be pushed sideways: the page itself, and what scrolls in it.
TOO_WIDE = """
[document.documentElement, ...document.querySelectorAll("body *")]
    .filter((place) => place === document.documentElement
        || ["auto", "scroll"].includes(getComputedStyle(place).overflowX))
    .filter((place) => place.scrollWidth > place.clientWidth)
    .map((place) => place.outerHTML.slice(0, 80))
"""


def fits(page: Page) -> bool:
    return page.evaluate(TOO_WIDE) == []


@pytest.fixture(params=["light", "dark"])
def small(request: pytest.FixtureRequest, new_visitor: Callable[..., Visitor]) -> Visitor:
    return new_visitor(viewport=SMALL, is_mobile=True, has_touch=True, color_scheme=request.param)


def test_no_page_outside_scrolls_sideways_on_a_small_phone(small: Visitor) -> None:
    for path in OUTSIDE:
        small.goes_to(path)
        expect(small.page.get_by_role("main")).to_be_visible()
        assert small.page.evaluate(TOO_WIDE) == [], path


def test_no_page_inside_scrolls_sideways_on_a_small_phone(small: Visitor, stack: Stack) -> None:
    small.log_in(stack.person(f"may-{uuid4().hex[:8]}", limit=20))
    small.types_and_sends("a banana " + "verylongword" * 30)
    small.turn().shows_all()
    assert fits(small.page)
    small.types_and_sends("[fault:IMAGE_SAFETY] another one")
    small.turn(1).card().becomes("failed")
    assert fits(small.page)
    for path in INSIDE:
        small.goes_to(path)
        expect(small.page.get_by_role("main")).to_be_visible()
        assert small.page.evaluate(TOO_WIDE) == [], path


def test_on_a_phone_the_settings_and_the_conversations_open_and_close(
    new_visitor: Callable[..., Visitor], stack: Stack
) -> None:
    phone = new_visitor(viewport=SMALL, is_mobile=True, has_touch=True)
    phone.log_in(stack.user)
    page = phone.page
    page.locator(".composer-open").click()
    phone.chooses("batch_size", "2")
    assert fits(page)
    page.keyboard.press("Escape")
    expect(page.locator("[data-summary]")).to_contain_text("2")
    phone.types_and_sends("two small bananas")
    phone.turn().shows_all(2)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("navigation").get_by_role("link", name="two small bananas").first.click()
    phone.turn().shows_all(2)


def test_the_keyboard_alone_is_enough(visitor: Visitor, stack: Stack) -> None:
    visitor.log_in(stack.person(f"kay-{uuid4().hex[:8]}", limit=20))
    page = visitor.page
    page.get_by_label("What to draw").focus()
    page.keyboard.type("a banana by keyboard")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("on two lines")
    page.keyboard.press("Enter")
    turn = visitor.turn()
    turn.shows_all()
    expect(turn.place.locator(".turn-prompt")).to_contain_text("on two lines")


def test_a_page_that_is_not_there_says_so_with_a_way_back(user: Visitor) -> None:
    user.expects("status of 404")
    user.goes_to("/chat/00000000-0000-0000-0000-000000000000/")
    expect(user.page.get_by_role("link").first).to_be_visible()


def test_the_operator_s_pages_are_quiet_too(visitor: Visitor, stack: Stack) -> None:
    visitor.expects("/favicon.ico: .* 404")  # Unfold's pages name no icon of their own yet
    visitor.log_in(stack.operator)
    visitor.goes_to("/admin/")
    found = visitor.page.locator("a[href^='/admin/']").all()
    addresses = {str(link.get_attribute("href")) for link in found}
    for address in sorted(addresses - {"/admin/logout/"}):
        visitor.goes_to(address)
        expect(visitor.page.get_by_role("heading").first).to_be_visible()
