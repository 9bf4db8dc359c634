"""The pages on which money finds its way back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from tests.rooms.billing.sales import ASKED, COIN, OPERATOR, Sale

from nproxy.billing import actions as billing
from nproxy.billing.models import Refund, RefundAddress, Review
from nproxy.billing.refunds import token_for
from nproxy.billing.rules.wire import Status
from nproxy.notifications.models import Mail

pytestmark = pytest.mark.django_db

TRON = "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"


@pytest.fixture
def short(sale: Sale, pay: Callable[..., None]) -> Sale:
    pay(sale, Decimal("15.5"))
    return sale


def order_page(client: Client, sale: Sale) -> str:
    return client.get(f"/billing/orders/{sale.order_id}/").content.decode()


def test_an_address_is_given_shown_and_confirmed_without_a_login(buyer: Client, short: Sale) -> None:
    assert "Give an address for a refund" in order_page(buyer, short)
    form = f"/billing/orders/{short.order_id}/refund/"
    assert "Your USDT address on Tron (TRC-20)" in buyer.get(form).content.decode()
    assert buyer.post(form, {"address": f" {TRON} "}).status_code == 303
    shown = order_page(buyer, short)
    assert TRON in shown
    assert "Please confirm it" in shown

    link = f"/billing/refund-address/{token_for(RefundAddress.objects.get().pk)}/"
    assert "Is this your address?" in Client().get(link).content.decode()
    assert RefundAddress.objects.get().confirmed_at is None
    assert "The address is confirmed" in Client().post(link).content.decode()
    assert "You have confirmed it" in order_page(buyer, short)


def test_a_slip_is_explained_beside_the_field_and_kept(buyer: Client, short: Sale) -> None:
    answer = buyer.post(f"/billing/orders/{short.order_id}/refund/", {"address": "T123"})
    assert answer.status_code == 400
    assert "This is no address on that network" in answer.content.decode()
    assert 'value="T123"' in answer.content.decode()


def test_where_nothing_can_go_back_there_is_no_such_page(buyer: Client, sale: Sale) -> None:
    assert "refund" not in order_page(buyer, sale)
    assert buyer.get(f"/billing/orders/{sale.order_id}/refund/").status_code == 404
    assert buyer.post(f"/billing/orders/{sale.order_id}/refund/", {"address": TRON}).status_code == 404


def test_a_link_that_was_cut_off_says_so(client: Client, db: None) -> None:
    assert client.get("/billing/refund-address/1:x/").status_code == 404
    assert client.post("/billing/refund-address/1:x/").status_code == 404


def test_what_was_sent_back_is_shown_with_its_transaction(buyer: Client, short: Sale) -> None:
    note = billing.RefundNote(COIN, Decimal("15.5"), TRON)
    review, now = Review.objects.get(), timezone.now()
    billing.resolve(
        review_id=review.pk, outcome="refund", reason="asked for", actor=OPERATOR, now=now, refund=note
    )
    assert "A mail tells you when" in order_page(buyer, short)
    sent = "ab" * 32
    billing.note_refund(
        refund_id=Refund.objects.get().pk, state="sent", transaction_id=sent, actor=OPERATOR, now=now
    )
    shown = order_page(buyer, short)
    assert "15.5 USDT went back to you" in shown
    assert f"https://tronscan.org/#/transaction/{sent}" in shown
    assert "A mail tells you when" not in shown


def test_what_the_processor_gave_back_is_shown_and_mailed_once_and_its_receipt_stays(
    buyer: Client, sale: Sale, pay: Callable[..., None]
) -> None:
    pay(sale)
    for _ in range(2):
        sale.reads(Status.REFUNDED, ASKED)
    assert "19.0115 USDT went back to you" in order_page(buyer, sale)
    assert Mail.objects.filter(kind="order_refunded").count() == 1
    receipt = f"/billing/receipts/{sale.order_id}/"
    assert receipt in order_page(buyer, sale)
    assert receipt in buyer.get("/billing/").content.decode()
