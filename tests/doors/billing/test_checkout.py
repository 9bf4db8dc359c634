"""From the plan to the address: what the pages say, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from tests.rooms.billing import sales
from tests.rooms.billing.sales import Sale

from nproxy.accounts.models import User
from nproxy.audit.rules import SYSTEM
from nproxy.billing import attempts
from nproxy.billing.models import CoinOffer, Order, PaymentAttempt
from nproxy.subscriptions import actions as subscriptions
from nproxy.web.landing.views import TERMS_VERSION

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_someone_without_a_plan_sees_its_price_and_the_button(buyer: Client) -> None:
    page = text(buyer, "/billing/")
    assert "Get the plan for $19" in page
    assert "You have no plan yet" in page


def test_the_button_makes_an_order_under_the_terms_of_the_day_and_a_second_press_finds_it(
    buyer: Client,
) -> None:
    first = buyer.post("/billing/orders/")
    assert first.status_code == 303
    assert buyer.post("/billing/orders/").headers["Location"] == first.headers["Location"]
    order = Order.objects.get()
    assert first.headers["Location"] == f"/billing/orders/{order.pk}/"
    assert order.terms_version == TERMS_VERSION
    assert "Go on with your order" in text(buyer, "/billing/")


def test_programs_order_and_choose_in_json(buyer: Client) -> None:
    told = buyer.post("/billing/orders/", headers=JSON)
    assert told.status_code == 201
    order = told.json()["order"]
    assert buyer.post(f"/billing/orders/{order}/coin/", {"coin": "btc"}, headers=JSON).status_code == 200
    shown = buyer.get(f"/billing/orders/{order}/", headers=JSON).json()
    assert (shown["status"], shown["state"], shown["price_cents"]) == ("open", "preparing", 1900)


def test_the_chooser_names_coin_network_and_minimum_and_bars_what_cannot_be_used(buyer: Client) -> None:
    CoinOffer.objects.filter(code="btc").update(minimum_cents=2500)
    order = buyer.post("/billing/orders/", headers=JSON).json()["order"]
    page = text(buyer, f"/billing/orders/{order}/")
    assert "on Tron (TRC-20)" in page
    assert 'value="btc" required disabled' in page
    assert "Not for this price: at least 3" in page
    refused = buyer.post(f"/billing/orders/{order}/coin/", {"coin": "btc"}, headers=JSON)
    assert refused.status_code == 409
    assert "minimum" in refused.json()["errors"][""][0]


def test_before_the_list_of_coins_is_there_the_page_says_that_it_comes(buyer: Client) -> None:
    CoinOffer.objects.all().delete()
    order = buyer.post("/billing/orders/", headers=JSON).json()["order"]
    assert "The list of coins is being fetched" in text(buyer, f"/billing/orders/{order}/")


def test_the_page_shows_address_amount_network_and_both_clocks(buyer: Client, sale: Sale) -> None:
    page = text(buyer, f"/billing/orders/{sale.order_id}/")
    attempt = PaymentAttempt.objects.get()
    assert attempt.address in page
    assert "19.0115" in page
    assert page.count("Tron (TRC-20)") >= 2
    assert "The amount is good until" in page
    assert "The address is yours until" in page
    assert 'aria-current="step"' in page


def test_without_scripts_the_page_has_its_qr_code_and_reloads_itself(buyer: Client, sale: Sale) -> None:
    page = text(buyer, f"/billing/orders/{sale.order_id}/")
    assert '<noscript><meta http-equiv="refresh"' in page
    assert '<svg class="qr"' not in page.split("<noscript>")[0]
    code = page[page.index("<svg") : page.rindex("</svg>")]
    assert 'class="qr"' in code
    assert "style=" not in page


def test_a_quote_that_is_over_offers_a_fresh_amount(buyer: Client, sell: Callable[..., Sale]) -> None:
    fresh, old = "Get a fresh amount", 'id="quote-over" data-kind="here"'
    sale = sell(at=timezone.now() - timedelta(minutes=30))
    page = text(buyer, f"/billing/orders/{sale.order_id}/")
    assert fresh in page
    assert " hidden" not in page[page.index(old) : page.index(">", page.index(old))]
    buyer.post(f"/billing/orders/{sale.order_id}/coin/", {"coin": sale.coin})
    assert "Preparing your address" in text(buyer, f"/billing/orders/{sale.order_id}/")
    assert PaymentAttempt.objects.count() == 2


def test_a_coin_that_was_changed_keeps_its_address_in_sight(buyer: Client, sale: Sale) -> None:
    first = PaymentAttempt.objects.get()
    sales.prepare(sale.user_id, sale.order_id, coin="btc", at=timezone.now())
    page = text(buyer, f"/billing/orders/{sale.order_id}/")
    assert "Other addresses of this order" in page
    assert first.address in page


def test_a_processor_that_is_away_is_said_in_words(buyer: Client) -> None:
    order = buyer.post("/billing/orders/", headers=JSON).json()["order"]
    buyer.post(f"/billing/orders/{order}/coin/", {"coin": "btc"})
    attempt = PaymentAttempt.objects.get()
    attempts.begin(attempt.pk, "key", timezone.now())
    attempts.refuse(attempt.pk, "unreachable")
    page = text(buyer, f"/billing/orders/{order}/")
    assert "The payment service does not answer." in page
    assert "Show me the address" in page


def test_an_order_is_cancelled_and_stays_to_be_looked_at(buyer: Client, sale: Sale) -> None:
    assert buyer.post(f"/billing/orders/{sale.order_id}/cancel/").status_code == 303
    page = text(buyer, f"/billing/orders/{sale.order_id}/")
    assert "This order is cancelled" in page
    assert "it is used for this order when it arrives" in page
    again = buyer.post(f"/billing/orders/{sale.order_id}/cancel/", headers=JSON)
    assert again.status_code == 409


def test_nothing_can_be_bought_while_a_month_waits_already(buyer: Client, stranger: User, shop: None) -> None:
    for _ in range(2):
        subscriptions.grant(user_id=stranger.pk, limit=5, reason="test", actor=SYSTEM, now=timezone.now())
    page = text(buyer, "/billing/")
    assert "Your next month is paid" in page
    assert "Renew for" not in page
    assert buyer.post("/billing/orders/", headers=JSON).status_code == 409


def test_without_a_processor_or_a_plan_the_page_says_so(buyer: Client, settings: Settings) -> None:
    settings.NPROXY_NOWPAYMENTS_API_KEY = ""
    assert "Paying is not available yet" in text(buyer, "/billing/")
    answer = buyer.post("/billing/orders/", headers={"referer": "http://testserver/billing/"}, follow=True)
    assert "Paying is not available yet" in answer.content.decode()


def test_other_people_s_orders_are_not_there(client: Client, buyer: Client, sale: Sale, db: None) -> None:
    client.force_login(User.objects.create_user(f"{uuid4().hex}@example.com"))
    address = f"/billing/orders/{sale.order_id}/"
    assert client.get(address).status_code == 404
    assert client.get(f"/billing/receipts/{sale.order_id}/").status_code == 404
    for verb in ("coin/", "cancel/"):
        assert client.post(address + verb, {"coin": "btc"}).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/billing/",
        "/billing/orders/00000000-0000-4000-8000-000000000001/",
        "/billing/receipts/00000000-0000-4000-8000-000000000001/",
    ],
)
def test_money_is_shown_to_people_who_are_signed_in(client: Client, path: str) -> None:
    assert client.get(path, headers=JSON).status_code == 401
    assert client.get(path).headers["Location"] == f"/accounts/login/?next={path}"
