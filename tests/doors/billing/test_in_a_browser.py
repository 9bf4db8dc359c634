"""The pages about money, and those that few people see, read by axe-core in a real Chromium."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer
from tests.journeys import chromium
from tests.journeys.test_access import at_every_size
from tests.rooms.billing.sales import Sale

from nproxy.accounts.models import User
from nproxy.subscriptions import queries as subscriptions

Reads = Callable[..., list[str]]


@pytest.fixture
def read(live_server: LiveServer, buyer: Client) -> Reads:
    """What axe finds on these pages of the buyer's, each of which is there, in both themes.

    A browser for each call: beside an open one no test may use the database.
    """
    if chromium.path() is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: run scripts/browser")
        pytest.skip("no Chromium on this machine: scripts/browser says what to do")

    def found(*paths: str) -> list[str]:
        violations: list[str] = []
        cookies = [
            {"name": name, "value": morsel.value, "url": live_server.url}
            for name, morsel in buyer.cookies.items()
        ]
        with chromium.running() as engine:
            context = engine.new_context(base_url=live_server.url, reduced_motion="reduce")
            context.add_cookies(cookies)  # type: ignore[arg-type]  # a plain dictionary is one
            context.route("**/updates/**", lambda route: route.abort())
            page = context.new_page()
            for path in paths:
                answer = page.goto(path)
                assert answer is not None
                assert (answer.status, page.url) == (200, live_server.url + path)
                expect(page.get_by_role("main")).to_be_visible()
                for theme in ("light", "dark"):
                    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # a theme's name
                    violations += at_every_size(page)
            context.close()
        return violations

    return found


def test_an_order_and_its_receipt_have_no_violation_at_any_stage(
    read: Reads, sell: Callable[[], Sale], pay: Callable[..., None]
) -> None:
    sale = sell()
    order = f"/billing/orders/{sale.order_id}/"
    found = read(order)
    pay(sale)
    assert found + read(order, f"/billing/receipts/{sale.order_id}/") == []


def test_choosing_a_coin_and_the_pages_that_few_people_see_have_no_violation(
    read: Reads, buyer: Client, stranger: User
) -> None:
    EmailAddress.objects.create(user=stranger, email=stranger.email, verified=True, primary=True)
    order = buyer.post("/billing/orders/").headers["Location"]
    reminders = f"/billing/reminders/off/{subscriptions.silencing_token(stranger.pk)}/"
    found = read(order, "/billing/", reminders, "/accounts/2fa/", "/accounts/reauthenticate/")
    buyer.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    assert found + read("/accounts/2fa/totp/activate/") == []
