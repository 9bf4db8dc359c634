"""From a stranger to a plan that was paid for, drawn on, run out and renewed."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from tests.journeys.checkout import AGAIN, USDT, Checkout, ordered
from tests.journeys.stack import Login, Stack
from tests.journeys.visitor import SMALL_PATIENCE, Visitor

pytestmark = pytest.mark.xdist_group("journeys")


@pytest.fixture
def buyer(visitor: Visitor, drawing: Stack) -> Login:
    """Someone signed in, without a plan."""
    login = drawing.person(f"zoe-{uuid4().hex[:8]}")
    visitor.log_in(login)
    return login


def test_a_stranger_registers_pays_draws_runs_out_renews_and_draws_again(
    visitor: Visitor, drawing: Stack
) -> None:
    page, login = visitor.page, Login(f"kim-{uuid4().hex[:8]}@example.com", "seven purple kettles")
    visitor.goes_to("/")
    page.get_by_role("main").get_by_role("link", name="Get the plan").click()
    page.get_by_label("E-mail").fill(login.email)
    page.get_by_label("Password", exact=True).fill(login.password)
    visitor.presses("Register")
    visitor.goes_to(drawing.link_in_mail(login.email, "/accounts/confirm-email/"))
    visitor.presses("Yes, confirm it")
    page.wait_for_url(re.compile("/(chat|billing)/$"))

    checkout = ordered(visitor)
    checkout.chooses(USDT)
    address = page.locator("#address [data-copy-from]").inner_text()
    expect(checkout.rung()).to_have_text("Waiting")
    assert address in page.content()
    drawing.pays(checkout.payment)
    checkout.says("We see your payment")
    expect(checkout.rung()).to_have_text("Seen on the network")
    checkout.says("Paid. Thank you")
    expect(visitor.battery()).to_have_text("100%")
    page.get_by_role("link", name="Receipt", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(login.email)

    visitor.goes_to("/chat/")
    visitor.sends("a banana that was paid for").card().shows_its_picture()

    drawing.ends_the_cycle_of(login.email)
    visitor.expects("status of 402")
    visitor.types_and_sends("one banana more")
    refusal = page.get_by_role("alert").filter(has_text="no active plan")
    expect(refusal).to_be_visible(timeout=SMALL_PATIENCE)
    expect(page.get_by_label("What to draw")).to_have_value("one banana more")
    refusal.get_by_role("link").click()
    page.wait_for_url("**/billing/")
    expect(page.get_by_role("main")).to_contain_text("Your plan ended on")

    checkout = ordered(visitor, "Renew for $19")
    checkout.chooses("BTC on Bitcoin")
    drawing.pays(checkout.payment)
    checkout.says("Paid. Thank you")
    page.get_by_role("link", name="Start drawing").click()
    visitor.sends("a banana after the renewal").card().shows_its_picture()


def test_a_page_that_was_closed_misses_nothing_and_a_mail_has_the_address(
    visitor: Visitor, buyer: Login, drawing: Stack
) -> None:
    checkout = ordered(visitor)
    checkout.chooses(USDT)
    payment, address = checkout.payment, visitor.page.url
    visitor.page.close()
    drawing.pays(payment)
    link = drawing.link_in_mail(buyer.email, "/billing/orders/")
    assert link == address
    visitor.page = visitor.context.new_page()
    visitor.goes_to(link)
    Checkout(visitor.page).says("Paid. Thank you")


def test_a_month_paid_early_waits_and_can_be_started_now(
    visitor: Visitor, buyer: Login, drawing: Stack
) -> None:
    drawing.grant(buyer.email, limit=5)
    checkout = ordered(visitor, "Renew for $19")
    checkout.chooses(USDT)
    drawing.pays(checkout.payment)
    checkout.says("Paid. Thank you")
    visitor.goes_to("/billing/")
    page = visitor.page
    expect(page.get_by_role("main")).to_contain_text("Your next month is paid")
    page.get_by_text("Start the next month now").click()
    visitor.presses("End this month and start the next")
    expect(page.get_by_role("main")).to_contain_text("Your next month has started")
    expect(page.get_by_role("button", name="Renew for $19")).to_be_visible()


def test_a_short_payment_is_explained_by_itself_even_if_the_site_stumbles_when_it_is_told(
    visitor: Visitor, buyer: Login, drawing: Stack
) -> None:
    checkout = ordered(visitor)
    checkout.chooses(USDT)
    visitor.expects("status of 503")
    visitor.page.route("**/billing/orders/**", lambda route: route.fulfill(status=503), times=2)
    drawing.pays(checkout.payment, "less")
    checkout.says("Your payment arrived, but it is short")
    expect(visitor.page.get_by_text("It is safe with us")).to_be_visible()


def test_copying_gives_exactly_what_a_wallet_needs(
    new_visitor: Callable[..., Visitor], drawing: Stack
) -> None:
    visitor = new_visitor(permissions=["clipboard-read", "clipboard-write"])
    visitor.log_in(drawing.person(f"eve-{uuid4().hex[:8]}"))
    checkout = ordered(visitor)
    checkout.chooses(USDT)
    page = visitor.page
    page.locator("[data-copy=amount]").click()
    expect(page.locator("[data-copy=amount]")).to_have_text("Copied")
    assert re.fullmatch(r"\d+\.\d+", page.evaluate("navigator.clipboard.readText()"))


def test_without_scripts_the_checkout_shows_all_that_is_needed_and_follows_the_payment(
    new_visitor: Callable[..., Visitor], drawing: Stack
) -> None:
    visitor = new_visitor(java_script_enabled=False)
    visitor.log_in(drawing.person(f"tom-{uuid4().hex[:8]}"))
    visitor.goes_to("/billing/")
    visitor.presses("Get the plan for $19")
    checkout, page = Checkout(visitor.page), visitor.page
    # The lists of coins and addresses come by the page's own reloads.
    expect(page.locator(".coin").first).to_be_visible(timeout=AGAIN)
    checkout.chooses(USDT)
    expect(page.locator(".qr")).to_be_visible()
    expect(page.locator("#address")).not_to_be_empty()
    drawing.pays(checkout.payment)
    checkout.says("Paid. Thank you")


def test_no_page_about_money_scrolls_sideways_on_a_small_phone(
    new_visitor: Callable[..., Visitor], drawing: Stack
) -> None:
    phone = new_visitor(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    phone.log_in(drawing.person(f"pia-{uuid4().hex[:8]}"))
    page = phone.page

    def fits() -> bool:
        return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

    checkout = ordered(phone)
    expect(page.locator(".coin").first).to_be_visible(timeout=AGAIN)
    assert fits()
    checkout.chooses(USDT)
    assert fits()
    drawing.pays(checkout.payment)
    checkout.says("Paid. Thank you")
    for path in ("/billing/", "/dashboard/"):
        phone.goes_to(path)
        assert fits()
    page.get_by_role("link", name="Receipt").first.click()
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    assert fits()
