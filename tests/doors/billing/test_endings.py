"""Every state of an order has its prepared words; what was paid has its place in the history, and a receipt."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from tests.rooms.billing import sales
from tests.rooms.billing.sales import ASKED, LIMIT, OPERATOR, Sale

from nproxy.accounts.models import User
from nproxy.billing import actions as billing
from nproxy.billing import settlement
from nproxy.billing.models import Review
from nproxy.billing.rules.states import State
from nproxy.billing.rules.wire import Status
from nproxy.kit import live
from nproxy.quota.models import Quota
from nproxy.subscriptions.models import Cycle
from nproxy.web.billing.showing import rungs
from nproxy.web.billing.words import CASES, RUNGS

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


def page(client: Client, sale: Sale) -> str:
    return client.get(f"/billing/orders/{sale.order_id}/").content.decode()


def heading(client: Client, sale: Sale) -> str:
    return re.findall(r"<h1[^>]*>([^<]*)</h1>", page(client, sale))[0]


def test_there_are_words_and_a_rung_for_every_state() -> None:
    assert set(CASES) == set(State)
    assert {state for _name, states in RUNGS for state in states} == set(State)
    assert [rung.standing for rung in rungs(State.CONFIRMING)] == ["done", "done", "here", "ahead"]
    assert {rung.standing for rung in rungs(State.ACTIVE)} == {"done"}


def test_the_page_follows_the_payment_up_the_ladder(buyer: Client, sale: Sale) -> None:
    assert heading(buyer, sale) == "Send the payment"
    sale.reads(Status.CONFIRMING)
    assert heading(buyer, sale) == "We see your payment"
    assert "Cancel this order" not in page(buyer, sale)
    sale.reads(Status.SENDING, ASKED)
    assert heading(buyer, sale) == "Your payment is confirmed"
    sale.reads(Status.FINISHED, ASKED, at=timezone.now())
    assert heading(buyer, sale) == "Paid. Thank you"
    assert "Start drawing" in page(buyer, sale)
    assert "http-equiv" not in page(buyer, sale)


def test_a_short_payment_is_said_to_be_safe_with_what_is_missing(
    buyer: Client, sale: Sale, pay: Callable[..., None]
) -> None:
    pay(sale, Decimal("15.5"))
    shown = page(buyer, sale)
    assert "Your payment arrived, but it is short" in shown
    assert "3.5115" in shown
    assert "It is safe with us" in shown


def test_a_surplus_is_paid_and_looked_at(buyer: Client, sale: Sale, pay: Callable[..., None]) -> None:
    pay(sale, ASKED * 2)
    assert heading(buyer, sale) == "Paid, and more came than was due"


def test_a_payment_after_the_order_s_end_counts(
    buyer: Client, sell: Callable[..., Sale], pay: Callable[..., None]
) -> None:
    sale = sell(at=timezone.now() - timedelta(days=9))
    billing.expire_orders(now=timezone.now())
    assert heading(buyer, sale) == "This order has expired"
    pay(sale)
    assert "used all the same" in page(buyer, sale)


def test_another_coin_than_asked_for_is_explained(
    buyer: Client, sale: Sale, pay: Callable[..., None]
) -> None:
    pay(sale, pay_coin="btc")
    shown = page(buyer, sale)
    assert "Another coin arrived than the one that was asked for" in shown
    assert "<dt>We look at</dt><dd>19.0115 BTC</dd>" in shown
    assert "USDT</dd>" not in shown


def test_money_that_waits_for_a_decision_is_told_with_coin_amount_and_moment(
    buyer: Client, sale: Sale
) -> None:
    now = timezone.now()
    other = sale.child(Status.FINISHED, Decimal("0.00031"), coin="btc")
    settlement.record(other, processor="nowpayments", told_by="event", now=now)
    again = sale.child(Status.FINISHED, Decimal(7))
    settlement.record(again, processor="nowpayments", told_by="event", now=now)
    shown = page(buyer, sale)
    assert "<dt>We look at</dt><dd>0.00031 BTC</dd>" in shown
    assert "<dt>We look at</dt><dd>7 USDT</dd>" in shown
    assert "Another coin arrived than the one that was asked for" in shown
    assert "Another payment came to an address that had been used before" in shown
    assert shown.count(f"{now:%H:%M} UTC") == 2
    assert "0.00031 BTC" in buyer.get("/billing/").content.decode()


def test_a_short_payment_is_told_once(buyer: Client, sale: Sale, pay: Callable[..., None]) -> None:
    pay(sale, Decimal("15.5"))
    shown = page(buyer, sale)
    assert shown.count("15.5 USDT") == 1
    assert "<dt>Seen</dt>" in shown
    assert "We look at</dt>" not in shown


def test_a_second_payment_is_explained_on_an_order_that_is_paid(
    buyer: Client, sale: Sale, pay: Callable[..., None]
) -> None:
    other = sales.prepare(sale.user_id, sale.order_id, coin="btc", at=timezone.now())
    pay(sale)
    pay(other)
    assert heading(buyer, sale) == "Paid. Thank you"
    assert "A second payment arrived for this order" in page(buyer, sale)


def test_what_was_given_back_says_so(buyer: Client, sale: Sale) -> None:
    sale.reads(Status.REFUNDED, ASKED)
    assert heading(buyer, sale) == "This payment goes back to you"


def test_the_history_has_coin_network_and_the_month_it_bought(
    buyer: Client, sale: Sale, pay: Callable[..., None]
) -> None:
    assert "19.0115" not in buyer.get("/billing/").content.decode()
    pay(sale, payin_hash="ab" * 32)
    listed = buyer.get("/billing/").content.decode()
    cycle = Cycle.objects.get()
    assert "19.0115" in listed
    assert "https://tronscan.org/#/transaction/" + "ab" * 32 in listed
    assert f"{cycle.ends_at:%-d %b %Y}" in listed
    assert f"/billing/receipts/{sale.order_id}/" in listed
    assert f"/billing/receipts/{sale.order_id}/" in buyer.get("/dashboard/").content.decode()


def test_a_receipt_has_a_number_and_everything_that_proves_the_payment(
    buyer: Client, stranger: User, sale: Sale, pay: Callable[..., None]
) -> None:
    address = f"/billing/receipts/{sale.order_id}/"
    assert buyer.get(address).status_code == 404
    pay(sale, payin_hash="cd" * 32)
    shown = buyer.get(address).content.decode()
    for proof in ("Receipt 0", stranger.email, "Studio", "$19 USD", "19.0115", str(sale.order_id), "cd" * 32):
        assert proof in shown


def test_the_next_month_is_started_now_after_a_plain_warning(
    buyer: Client, stranger: User, sell: Callable[..., Sale], pay: Callable[..., None]
) -> None:
    pay(sell())
    pay(sell())
    shown = buyer.get("/billing/").content.decode()
    assert "What is left of it is gone, and it cannot be undone" in shown
    assert "Start the next month now" in shown
    answer = buyer.post("/billing/start-now/", follow=True)
    assert "Your next month has started" in answer.content.decode()
    first, second = Cycle.objects.filter(user_id=stranger.pk).order_by("starts_at")
    assert first.ends_at == second.starts_at <= timezone.now()
    assert buyer.post("/billing/start-now/", headers=JSON).status_code == 409


@pytest.mark.django_db(transaction=True)
def test_the_live_updates_tell_of_orders(buyer: Client, stranger: User, sale: Sale) -> None:
    cursor = live.current(stranger.pk)
    sale.reads(Status.CONFIRMING)
    (told,) = buyer.get(f"/updates/?after={cursor}").json()["orders"]
    assert (told["id"], told["status"], told["state"]) == (str(sale.order_id), "open", "seen")
    assert told["payment"]["amount"] == "19.0115"
    assert told == buyer.get(f"/billing/orders/{sale.order_id}/", headers=JSON).json()


def test_no_page_about_money_tells_how_much_is_used_or_left(
    buyer: Client, stranger: User, sell: Callable[..., Sale], pay: Callable[..., None]
) -> None:
    sale = sell()
    pay(sale)
    Quota.objects.filter(user=stranger).update(used=4_111_222)
    paths = (
        "/billing/",
        f"/billing/orders/{sale.order_id}/",
        f"/billing/receipts/{sale.order_id}/",
        "/dashboard/",
    )
    for path in paths:
        for headers in ({}, JSON):
            body = buyer.get(path, headers=headers).content.decode()
            assert not any(str(figure) in body for figure in (LIMIT, 4_111_222, LIMIT - 4_111_222)), path


def test_what_an_operator_accepts_is_paid_like_any_other(
    buyer: Client, sale: Sale, pay: Callable[..., None]
) -> None:
    pay(sale, Decimal(15))
    review = Review.objects.get()
    billing.resolve(
        review_id=review.pk, outcome="accept", reason="close enough", actor=OPERATOR, now=timezone.now()
    )
    assert heading(buyer, sale) == "Paid. Thank you"
    assert buyer.get(f"/billing/receipts/{sale.order_id}/").status_code == 200


def test_what_an_operator_closes_says_who_closed_it(
    buyer: Client, sale: Sale, pay: Callable[..., None]
) -> None:
    pay(sale, Decimal(15))
    review = Review.objects.get()
    billing.resolve(review_id=review.pk, outcome="close", reason="dust", actor=OPERATOR, now=timezone.now())
    assert heading(buyer, sale) == "This order is closed"
    assert "Order again" in page(buyer, sale)


def test_the_receipt_of_another_coin_that_was_accepted_names_the_coin_that_came(
    buyer: Client, sale: Sale
) -> None:
    other = sale.child(Status.FINISHED, Decimal("18.5"), coin="usdcsol")
    settlement.record(other, processor="nowpayments", told_by="event", now=timezone.now())
    review = Review.objects.get()
    billing.resolve(
        review_id=review.pk, outcome="accept", reason="worth the same", actor=OPERATOR, now=timezone.now()
    )
    receipt = buyer.get(f"/billing/receipts/{sale.order_id}/").content.decode()
    assert "18.5 USDCSOL" in receipt
    assert "Tron" not in receipt
    assert "18.5 USDCSOL" in buyer.get("/billing/").content.decode()
