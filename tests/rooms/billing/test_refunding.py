"""Where money goes that goes back: the owner's word, made sure by mail, is what the operator gets."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from tests.rooms.billing import sales
from tests.rooms.billing.sales import ASKED, NOW, OPERATOR, Sale

from nproxy.billing import actions as billing
from nproxy.billing import queries, settlement
from nproxy.billing.actions import RefundNote
from nproxy.billing.models import Refund, RefundAddress, Review
from nproxy.billing.refunds import token_for
from nproxy.billing.rules.wire import Status
from nproxy.notifications.models import Mail

TRON = "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"
OTHER = "TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf"


@pytest.fixture
def short(sale: Sale) -> Sale:
    sale.reads(Status.PARTIALLY_PAID, ASKED / 2)
    return sale


def give(sale: Sale, address: str = TRON) -> None:
    billing.give_refund_address(user_id=sale.user_id, order_id=sale.order_id, address=address, now=NOW)


def case(sale: Sale) -> queries.RefundCase | None:
    return queries.refund_case(sale.user_id, sale.order_id)


def refund(sale: Sale, address: str = "") -> Refund:
    note = RefundNote(sales.COIN, Decimal("9.5"), address)
    review = Review.objects.get(order_id=sale.order_id, resolved_at=None)
    billing.resolve(
        review_id=review.pk, outcome="refund", reason="asked for", actor=OPERATOR, now=NOW, refund=note
    )
    return Refund.objects.get(review=review)


def confirm(sale: Sale) -> None:
    newest = RefundAddress.objects.filter(order_id=sale.order_id).latest("pk")
    billing.confirm_refund_address(address_id=newest.pk, now=NOW)


def test_an_address_is_mailed_and_counts_once_it_is_confirmed(short: Sale) -> None:
    give(short)
    found = case(short)
    assert found is not None
    assert (found.address, found.is_confirmed, found.network_name) == (TRON, False, "Tron (TRC-20)")
    mail = Mail.objects.get(kind="refund_address")
    given = RefundAddress.objects.get()
    assert TRON in mail.text
    assert f"/billing/refund-address/{token_for(given.pk)}/" in mail.text
    confirm(short)
    assert refund(short).address == TRON


def test_one_that_was_not_confirmed_is_not_used_by_itself(short: Sale) -> None:
    give(short)
    assert refund(short).address == ""


def test_the_newest_address_counts_and_an_older_confirmation_does_not(short: Sale) -> None:
    give(short)
    confirm(short)
    give(short, OTHER)
    found = case(short)
    assert found is not None
    assert (found.address, found.is_confirmed) == (OTHER, False)


def test_the_operator_s_own_word_comes_first(short: Sale) -> None:
    give(short)
    confirm(short)
    assert refund(short, OTHER).address == OTHER


def test_money_that_is_owed_still_takes_an_address(short: Sale) -> None:
    refund(short)
    found = case(short)
    assert found is not None
    assert found.is_owed
    give(short)
    assert RefundAddress.objects.filter(order_id=short.order_id).exists()


@pytest.mark.parametrize(
    "slip", ["", "T123", "0x52908400098527886E0F7030069857D2E4169EE7", f"{TRON[:20]} {TRON[20:]}"]
)
def test_what_cannot_be_an_address_there_is_refused(short: Sale, slip: str) -> None:
    with pytest.raises(billing.BadAddress):
        give(short, slip)
    assert not Mail.objects.filter(kind="refund_address").exists()


def test_nothing_is_asked_where_nothing_can_go_back(sale: Sale) -> None:
    assert case(sale) is None
    with pytest.raises(billing.NotPossible):
        give(sale)
    sale.reads(Status.FINISHED, ASKED)
    assert case(sale) is None


def test_another_person_s_money_is_not_there(short: Sale) -> None:
    stranger = sales.make_person()
    assert queries.refund_case(stranger, short.order_id) is None
    with pytest.raises(billing.UnknownOrder):
        billing.give_refund_address(user_id=stranger, order_id=short.order_id, address=TRON, now=NOW)


def test_the_wrong_coin_goes_back_as_the_coin_that_came(sale: Sale) -> None:
    sales.make_coins(sales.COIN, "usdcsol")
    seen = sale.child(Status.WRONG_ASSET, Decimal(19), coin="usdcsol")
    settlement.record(seen, processor="nowpayments", told_by="event", now=NOW)
    found = case(sale)
    assert found is not None
    assert found.coin == "usdcsol"


def test_a_person_cannot_send_themselves_mails_without_end(short: Sale) -> None:
    give(short)
    give(short)  # the same one again is nothing new
    assert RefundAddress.objects.count() == 1
    for last in "fghjk":
        give(short, OTHER[:-1] + last)
    with pytest.raises(billing.TooManyAddresses):
        give(short, OTHER)


def test_the_database_itself_keeps_an_address(short: Sale) -> None:
    give(short)
    with pytest.raises(DatabaseError), transaction.atomic():
        RefundAddress.objects.update(address=OTHER)
    with pytest.raises(DatabaseError), transaction.atomic():
        RefundAddress.objects.all().delete()


def test_a_forged_link_names_nothing(short: Sale) -> None:
    give(short)
    given = RefundAddress.objects.get()
    token = token_for(given.pk)
    found = queries.refund_address(token)
    assert found is not None
    assert found[0] == given.pk
    assert queries.refund_address(f"{given.pk + 1}{token[len(str(given.pk)) :]}") is None
