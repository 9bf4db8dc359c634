"""A whole journey through Caddy, over HTTPS."""

from __future__ import annotations

import re
from uuid import uuid4

from playwright.sync_api import expect
from tests.compose.stack import PASSWORD, ComposeStack
from tests.journeys.checkout import Checkout
from tests.journeys.stack import Login
from tests.journeys.visitor import Visitor

POLLED_MS = 240_000


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
    stack.pays(stack.sql("SELECT payment_id FROM billing_paymentattempt ORDER BY chosen_at DESC LIMIT 1"))
    # No callback reaches this machine from the sandbox: the poller finds the money by itself.
    expect(checkout.heading).to_contain_text("Paid. Thank you", timeout=POLLED_MS)
    expect(visitor.battery()).to_have_text("100%")

    visitor.goes_to("/chat/")
    visitor.sends("a banana in a container", images=2).shows_all(2)
    stack.nproxy("ledger", "verify")
