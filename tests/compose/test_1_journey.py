"""A whole journey through Caddy, over HTTPS."""

from __future__ import annotations

import re
from uuid import uuid4

from playwright.sync_api import expect
from tests.compose.stack import PASSWORD, ComposeStack
from tests.journeys.checkout import Checkout
from tests.journeys.stack import Login, eventually
from tests.journeys.visitor import Visitor

PAID_MS = 240_000


def test_the_stack_finds_itself_well(stack: ComposeStack) -> None:
    assert "FAIL" not in stack.nproxy("doctor")


def test_a_stranger_registers_pays_and_draws(visitor: Visitor, stack: ComposeStack) -> None:
    stack.draw_in(0.3)
    page, login = visitor.page, Login(f"kim-{uuid4().hex[:8]}@example.com", PASSWORD)
    visitor.goes_to("/")
    page.get_by_role("link", name="Register").first.click()
    page.get_by_label("E-mail").fill(login.email)
    page.get_by_label("Password", exact=True).fill(login.password)
    visitor.presses("Register")
    visitor.goes_to(stack.link_in_mail(login.email, "/accounts/confirm-email/"))
    visitor.presses("Yes, confirm it")
    page.wait_for_url(re.compile("/(chat|billing)/$"))

    visitor.goes_to("/billing/")
    visitor.presses("Get the plan for $19")
    page.wait_for_url("**/billing/orders/**")
    checkout = Checkout(page)
    checkout.chooses("USDT on Tron")
    payment = stack.sql("SELECT payment_id FROM billing_paymentattempt ORDER BY chosen_at DESC LIMIT 1")
    stack.pays(payment)
    expect(checkout.heading).to_contain_text("Paid. Thank you", timeout=PAID_MS)
    was_called_back(stack, payment)
    expect(visitor.battery()).to_have_text("100%")

    visitor.goes_to("/chat/")
    visitor.sends("a banana in a container", images=2).shows_all(2)
    stack.nproxy("ledger", "verify")


def was_called_back(stack: ComposeStack, payment: str) -> None:
    """The money was told of from outside, through Caddy, over HTTPS, by whom we know by address and signature."""
    told = f"SELECT count(*) FROM billing_paymentevent WHERE payment_id = '{payment}' AND told = 'finished'"
    eventually(lambda: stack.sql(f"{told} AND handled_at IS NOT NULL") == "1" or None, "a callback")
    assert {answer for letter in stack.calls_back() for answer in letter["answers"]} == {"200"}
    own = {one["IPAddress"] for one in stack.inspect("nowpayments")["NetworkSettings"]["Networks"].values()}
    seen = stack.sql(f"SELECT DISTINCT address FROM billing_paymentevent WHERE payment_id = '{payment}'")
    assert seen in own
