"""From a stranger at the door to the first picture, and the ways back in."""

from __future__ import annotations

import re
from uuid import uuid4

from playwright.sync_api import expect
from tests.journeys.stack import FOR_LONG, Login, Stack
from tests.journeys.visitor import Visitor


def test_a_stranger_registers_confirms_is_refused_without_a_plan_and_draws_with_one(
    visitor: Visitor, drawing: Stack
) -> None:
    page, login = visitor.page, Login(f"mia-{uuid4().hex[:8]}@example.com", "seven purple kettles")
    visitor.goes_to("/")
    page.get_by_role("link", name="Register").first.click()
    page.get_by_label("E-mail").fill(login.email)
    page.get_by_label("Password", exact=True).fill(login.password)
    visitor.presses("Register")
    expect(page.get_by_role("heading", name="Check your e-mail")).to_be_visible()

    visitor.fills_login(login)
    expect(page.get_by_role("heading", name="Check your e-mail")).to_be_visible()

    visitor.goes_to(drawing.link_in_mail(login.email, "/accounts/confirm-email/"))
    visitor.presses("Yes, confirm it")
    page.wait_for_url("**/chat/")
    visitor.logs_out()
    visitor.log_in(login)

    visitor.expects("status of 402")
    visitor.types_and_sends("a banana in a space suit, watercolor")
    refusal = page.get_by_role("alert").filter(has_text="no active plan")
    expect(refusal).to_be_visible()
    expect(page.get_by_label("What to draw")).to_have_value("a banana in a space suit, watercolor")

    drawing.grant(login.email, limit=5)
    drawing.draw_in(FOR_LONG)
    page.get_by_role("button", name="Send").click()
    card = visitor.turn().card()
    card.is_waiting()
    expect(refusal).to_be_hidden()
    drawing.draw_in(0.3)
    card.shows_its_picture()
    expect(
        page.get_by_role("navigation").get_by_role("link", name="a banana in a space suit")
    ).to_be_visible()


def test_a_forgotten_password_is_replaced_by_mail(visitor: Visitor, drawing: Stack) -> None:
    page, login = visitor.page, drawing.person(f"ben-{uuid4().hex[:8]}")
    visitor.goes_to("/accounts/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill(login.email)
    visitor.presses("Send the link")
    expect(page.get_by_role("heading", name="Check your e-mail")).to_be_visible()

    visitor.goes_to(drawing.link_in_mail(login.email, "/accounts/password/reset/key/"))
    page.get_by_label(re.compile("password", re.IGNORECASE)).first.fill("eleven green teapots")
    visitor.presses("Save the password")
    expect(page.get_by_role("heading", name="Your password is changed")).to_be_visible()

    visitor.fills_login(login)
    expect(page.get_by_role("alert").or_(page.locator(".errorlist")).first).to_be_visible()
    visitor.log_in(Login(login.email, "eleven green teapots"))


def test_what_was_typed_on_the_landing_page_waits_in_the_chat(visitor: Visitor, stack: Stack) -> None:
    visitor.goes_to("/")
    visitor.page.get_by_label("What do you want to see?").fill("a quiet harbour at night")
    visitor.page.get_by_role("button", name="Draw it").click()
    expect(visitor.page.get_by_text("Your text is kept")).to_be_visible()
    visitor.log_in(stack.user)
    expect(visitor.page.get_by_label("What to draw")).to_have_value("a quiet harbour at night")
