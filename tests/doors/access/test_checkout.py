"""Nobody has to guess where their money is: axe-core on the checkout in every state that it has words for."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer
from tests.doors.access.axe import Visit, violations
from tests.doors.access.pages import MONEY
from tests.journeys.checkout_cases import CASES
from tests.rooms.billing.sales import Sale

from nproxy.accounts.models import User
from nproxy.billing.models import RefundAddress
from nproxy.billing.refunds import token_for
from nproxy.subscriptions import queries as subscriptions

# The cases in so many tests, for machines that run more than one at a time.
PARTS = 3


def buyer(sale: Sale) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=sale.user_id), settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.mark.parametrize("part", range(PARTS))
def test_an_order_has_no_violation_in_any_state(live_server: LiveServer, shop: None, part: int) -> None:
    made = [make() for make in list(CASES.values())[part::PARTS]]
    pages = [Visit(f"/billing/orders/{sale.order_id}/", "order", buyer(sale)) for sale in made]
    assert violations(live_server.url, pages) == []


def test_pages_about_money_have_no_violation(live_server: LiveServer, shop: None) -> None:
    paid, short, given = (CASES[name]() for name in ("active", "underpaid", "underpaid_address_given"))
    world = {
        "token": token_for(RefundAddress.objects.get(order_id=given.order_id).pk),
        "silence": subscriptions.silencing_token(paid.user_id),
    }
    pages = []
    for name in MONEY.keys() - {"order"}:
        whose = short if name == "refund" else paid
        status = {"/billing/refund-address/1:x/": 404, "/billing/reminders/off/1:x/": 404}
        for path in MONEY[name]:
            address = path.format(order=whose.order_id, **world)
            pages.append(Visit(address, name, buyer(whose), status=status.get(path, 200)))
    assert violations(live_server.url, pages) == []
