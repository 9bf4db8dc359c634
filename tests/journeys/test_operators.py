"""An operator at work: three clicks to why a picture failed, a form for each thing put right, and all of it on record."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.checkout import USDT, ordered
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


@pytest.fixture
def resting_key(drawing: Stack) -> Iterator[str]:
    """The label of a key that is out of service, and will be again."""

    def key() -> dict[str, Any]:
        keys = json.loads(drawing.nproxy("keys", "list", "--json"))
        return next(each for each in keys if each["provider"] != "gemini")

    yield key()["label"]
    if key()["status"] != "disabled":
        drawing.nproxy("keys", "disable", str(key()["id"]))


def someone_pays_too_little(buyer: Visitor, drawing: Stack) -> str:
    """A case for the desk; whose it is."""
    login = drawing.person(f"short-{uuid4().hex[:8]}")
    buyer.log_in(login)
    checkout = ordered(buyer)
    checkout.chooses(USDT)
    drawing.pays(checkout.payment, "less")
    checkout.says("Your payment arrived, but it is short")
    return login.email


def does(page: Page, act: str, reason: str, done: str) -> None:
    """An act of the page that is open, through its dialog."""
    page.get_by_role("link", name=act).click()
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name=act).click()
    expect(page.get_by_text(done)).to_be_visible()


def test_an_operator_finds_why_puts_things_right_and_it_is_on_record(
    new_visitor: Callable[..., Visitor], drawing: Stack, resting_key: str
) -> None:
    short_of_money = someone_pays_too_little(new_visitor(), drawing)
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

    does(page, "Draw again", "asked by mail", "In line again.")
    page.get_by_role("link", name="Show them").click()
    expect(page.get_by_text(DECLINED)).to_be_visible()

    clicks.on("link", "Keys")
    clicks.on("link", resting_key)
    does(page, "Return to service", "its account is paid", f"{resting_key} is in service.")

    clicks.on("link", "Waits for you")
    page.get_by_role("row").filter(has_text=short_of_money).get_by_role("link").first.click()
    does(page, "Accept", "a fee of their exchange", "Accepted.")

    clicks.on("link", "Audit log")
    for action, reason in (
        ("generation.retried", "asked by mail"),
        ("generation.looked_at", ""),
        ("key.returned_to_service", "its account is paid"),
        ("review.resolved", "a fee of their exchange"),
    ):
        row = page.get_by_role("row").filter(has_text=action).filter(has_text=reason)
        expect(row.first).to_contain_text(drawing.operator.email)
