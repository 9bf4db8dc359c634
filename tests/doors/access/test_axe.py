"""Everybody can use it: axe-core on every page of ours, none of which can be forgotten."""

from __future__ import annotations

from uuid import UUID, uuid4

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.doors.access.axe import Visit, violations
from tests.doors.access.pages import INSIDE, NO_PAGES, OUTSIDE, PAGES, SECOND_FACTOR, addresses
from tests.doors.staff.seats import Seat

from nproxy.accounts.models import User

PASSWORD = "correct horse battery"


def visits(pages: dict[str, tuple[str, ...]], client: Client, **world: object) -> list[Visit]:
    return [Visit(path.format(**world), name, client) for name, paths in pages.items() for path in paths]


def test_every_address_is_a_page_that_is_read_or_is_no_page() -> None:
    assert PAGES.keys().isdisjoint(NO_PAGES)
    assert {name for name, _wants in addresses()} == PAGES.keys() | NO_PAGES


def test_what_is_said_to_be_no_page_is_none(browser: Client) -> None:
    for name, wants in addresses():
        if name in NO_PAGES - {"updates"}:  # which waits for news
            given = {each: uuid4() if each.endswith("_id") else "any" for each in wants}
            answer = browser.get(reverse(name, kwargs=given))
            is_page = answer.status_code == 200 and "text/html" in answer.headers.get("Content-Type", "")
            assert not is_page, name


def turned_away(page: Page) -> None:
    """A form that is sent without the cookie that it came with."""
    page.context.clear_cookies()
    page.get_by_label("E-mail").fill("mia@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_load_state()
    expect(page.get_by_role("main")).not_to_contain_text("Password")


def test_pages_outside_have_no_violation(live_server: LiveServer, shop: None, stranger: User) -> None:
    address = EmailAddress.objects.create(user=stranger, email=stranger.email, primary=True)
    reset = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(stranger), "key": default_token_generator.make_token(stranger)},
    )
    pages = visits(OUTSIDE, Client(), confirmation=EmailConfirmationHMAC(address).key, reset=reset)
    odd = [Visit("/nowhere/", status=404), Visit("/accounts/login/", "account_login", first=turned_away)]
    assert violations(live_server.url, pages + odd) == []


def lightbox(page: Page) -> None:
    page.locator(".card-link").first.click()
    expect(page.get_by_role("dialog", name="Image")).to_be_visible()
    expect(page.locator("[data-viewer]")).to_be_visible()


def menu_of_a_card(page: Page) -> None:
    card = page.locator(".card[data-status=succeeded]").first
    card.hover()
    card.get_by_role("button", name="More").click()
    expect(page.get_by_role("menu")).to_be_visible()


def settings(page: Page) -> None:
    page.locator(".composer-open").click()
    expect(page.locator("#composer-settings")).to_be_visible()


def earlier_prompts(page: Page) -> None:
    page.get_by_role("button", name="Your prompts").click()
    expect(page.locator("#history li").first).to_be_visible()


def drawer(page: Page) -> None:
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Gallery")).to_be_visible()


def test_pages_inside_have_no_violation_whatever_is_open_on_them(
    live_server: LiveServer, shop: None, browser: Client, conversation: tuple[str, UUID]
) -> None:
    chat, picture = conversation
    pages = visits(INSIDE, browser, conversation=chat, picture=picture)
    opened = [
        Visit(f"/chat/{chat}/", first=first, client=browser)
        for first in (lightbox, menu_of_a_card, settings, earlier_prompts, drawer)
    ]
    assert violations(live_server.url, pages + opened) == []


def test_pages_of_the_second_factor_have_no_violation(live_server: LiveServer, shop: None) -> None:
    def person() -> User:
        user = User.objects.create_user(f"{uuid4().hex}@example.com", PASSWORD)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    def logs_in(user: User) -> Client:
        client = Client()
        client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
        return client

    without, holder = person(), person()
    before = logs_in(without)
    TOTP.activate(holder, generate_totp_secret())
    RecoveryCodes.activate(holder)
    half = logs_in(holder)  # the code is still to be typed
    proven = Seat(holder).signs_in().client
    who = dict.fromkeys(SECOND_FACTOR, proven) | {"mfa_activate_totp": before, "mfa_authenticate": half}
    pages = [Visit(path, name, who[name]) for name, paths in SECOND_FACTOR.items() for path in paths]
    assert violations(live_server.url, pages) == []
