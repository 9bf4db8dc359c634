"""An operator at work: three clicks to why somebody's picture failed, one form to put it right, and all of it on record."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Page, expect
from tests.journeys.stack import Stack
from tests.journeys.visitor import Visitor

# What the provider's stand-in makes of a prompt with these words.
DECLINED = "[fault:IMAGE_SAFETY]"


class Clicks:
    """Counts what an operator has to click; typing is free."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def on(self, role: str, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role(role, name=name).first.click()
        self.count += 1


def test_an_operator_finds_why_puts_it_in_line_again_and_it_is_on_record(
    new_visitor: Callable[..., Visitor], drawing: Stack
) -> None:
    name = f"unlucky-{uuid4().hex[:8]}"
    login = drawing.person(name, limit=5)
    unlucky = new_visitor()
    unlucky.log_in(login)
    unlucky.types_and_sends(f"a banana {DECLINED}")
    unlucky.turn(0).card().becomes("failed")

    operator = new_visitor()
    operator.fills_login(drawing.operator)
    operator.page.wait_for_url("**/chat/")
    operator.goes_to("/admin/")
    page = operator.page
    expect(page.get_by_text("Waiting for you")).to_be_visible()
    clicks = Clicks(page)
    clicks.on("link", "Generations")
    page.get_by_placeholder("E-mail").fill(login.email)
    page.get_by_placeholder("E-mail").press("Enter")
    clicks.on("link", re.compile("ago$"))
    expect(page.get_by_text("The provider declined the wish")).to_be_visible()
    expect(page.get_by_role("heading", name="Attempts")).to_be_visible()
    assert clicks.count <= 3
    assert DECLINED not in page.content()

    page.get_by_role("link", name="Draw again").click()
    page.get_by_label("Reason").fill("asked by mail")
    page.get_by_role("button", name="Draw again").click()
    expect(page.get_by_text("In line again.")).to_be_visible()
    page.get_by_role("link", name="Show them").click()
    expect(page.get_by_text(DECLINED)).to_be_visible()

    clicks.on("link", "Audit log")
    for action in ("generation.retried", "generation.looked_at"):
        expect(page.get_by_role("row").filter(has_text=action).first).to_be_visible()
    expect(page.get_by_text("asked by mail").first).to_be_visible()
