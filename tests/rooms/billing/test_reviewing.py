"""What operators decide about money, once and on record."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.rooms.billing import sales
from tests.rooms.billing.sales import ASKED, NOW, OPERATOR, Sale

from nproxy.accounts.models import User
from nproxy.audit.models import AuditEntry
from nproxy.billing import actions as billing
from nproxy.billing import queries, settlement
from nproxy.billing.models import Activation, Order, Refund, Review
from nproxy.billing.rules.wire import Status
from nproxy.notifications.models import Mail
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries as cycles

SHORT = ASKED * Decimal("0.8")


def decide(outcome: str, at: Any = NOW, **more: Any) -> None:
    review = Review.objects.get(resolved_at=None)
    billing.resolve(review_id=review.pk, outcome=outcome, reason="looked at", actor=OPERATOR, now=at, **more)


@pytest.fixture
def short(sale: Sale) -> Sale:
    sale.reads(Status.PARTIALLY_PAID, SHORT)
    return sale


def test_a_short_payment_accepted_is_a_cycle_with_its_receipt(short: Sale) -> None:
    decide("accept")
    assert (short.order.status, short.activations, short.open_reviews) == ("paid", 1, [])
    receipt = queries.receipt(short.user_id, short.order_id)
    assert receipt is not None
    assert receipt.amount == "15.2092"
    assert AuditEntry.objects.get(action="review.resolved").reason == "looked at"


def test_a_payment_that_was_accepted_short_and_is_finished_later_is_nothing_new(short: Sale) -> None:
    decide("accept")
    short.reads(Status.FINISHED, SHORT)
    assert (short.activations, short.open_reviews, Activation.objects.count()) == (1, [], 1)


def test_a_short_payment_refunded_ends_the_order_and_later_money_is_looked_at(short: Sale) -> None:
    decide("refund", refund=billing.RefundNote("usdttrc20", SHORT, address="Tme"))
    assert (short.order.status, Refund.objects.get().state) == ("refunded", "owed")
    short.reads(Status.FINISHED, ASKED)
    assert (short.activations, short.open_reviews) == (0, ["second_payment"])


def test_a_short_payment_closed_ends_the_order_and_full_money_still_counts(short: Sale) -> None:
    decide("close")
    assert short.order.status == "canceled"
    short.reads(Status.FINISHED, ASKED)
    assert (short.order.status, short.activations) == ("paid", 1)


def test_a_second_payment_buys_the_next_cycle_under_an_order_of_its_own(person: int) -> None:
    order_id = sales.place(person)
    first, second = sales.prepare(person, order_id), sales.prepare(person, order_id, "btc")
    first.reads(Status.FINISHED, ASKED)
    second.reads(Status.FINISHED, ASKED)
    decide("next_cycle")
    orders = queries.orders_of(person)
    assert [order.status for order in orders] == ["paid", "paid"]
    assert {order.receipt for order in orders} == {1, 2}
    spans = sorted((order.cycle.starts_at, order.cycle.ends_at) for order in orders if order.cycle)
    assert spans[1][0] == spans[0][1]


def test_a_surplus_can_be_kept_and_the_order_stays_paid(sale: Sale) -> None:
    sale.reads(Status.FINISHED, ASKED * 2)
    decide("accept")
    assert (sale.order.status, sale.activations, Activation.objects.count()) == ("paid", 1, 1)


def test_a_surplus_given_back_leaves_the_order_paid(sale: Sale) -> None:
    sale.reads(Status.FINISHED, ASKED * 2)
    decide("refund", refund=billing.RefundNote("usdttrc20", ASKED, "Tme", "ab12"))
    assert (sale.order.status, Refund.objects.get().state) == ("paid", "sent")
    assert Mail.objects.filter(kind="order_refunded").count() == 1


def test_a_next_cycle_is_refused_while_one_waits_and_nothing_has_changed(person: int) -> None:
    late = sales.sell(person)
    billing.cancel_order(user_id=person, order_id=late.order_id, now=NOW)
    for _ in range(2):
        sales.sell(person).reads(Status.FINISHED, ASKED)
    late.reads(Status.FINISHED, ASKED)
    with pytest.raises(billing.StillQueued):
        decide("next_cycle")
    assert late.open_reviews == ["already_queued"]
    subscriptions.start_now(user_id=person, actor=OPERATOR, now=NOW + timedelta(hours=1))
    decide("next_cycle", at=NOW + timedelta(hours=2))
    assert (late.order.status, late.activations) == ("paid", 1)


def test_money_without_an_order_buys_something_once_an_order_is_named(sale: Sale) -> None:
    stranger = sale.seen(Status.FINISHED, ASKED, payment_id="99", ref="")
    settlement.record(stranger, processor="nowpayments", told_by="event", now=NOW)
    with pytest.raises(billing.NotOffered):
        decide("next_cycle")
    decide("next_cycle", order_id=sale.order_id)
    assert (sale.order.status, sale.activations) == ("paid", 1)


def test_an_operator_activates_an_order_by_hand_through_a_review_of_its_own(sale: Sale) -> None:
    review_id = billing.open_review(order_id=sale.order_id, reason="paid by bank", actor=OPERATOR, now=NOW)
    assert sale.order.status == "review"
    with pytest.raises(billing.AlreadyResolved):
        billing.open_review(order_id=sale.order_id, reason="again", actor=OPERATOR, now=NOW)
    billing.resolve(review_id=review_id, outcome="accept", reason="paid by bank", actor=OPERATOR, now=NOW)
    assert (sale.order.status, sale.activations) == ("paid", 1)
    sale.reads(Status.FINISHED, ASKED)
    assert sale.open_reviews == ["second_payment"]


def test_a_paid_order_refunded_by_hand_is_refunded_and_its_receipt_says_so(sale: Sale) -> None:
    sale.reads(Status.FINISHED, ASKED)
    billing.open_review(order_id=sale.order_id, reason="asked for it", actor=OPERATOR, now=NOW)
    decide("refund", refund=billing.RefundNote("usdttrc20", ASKED, "Tme"))
    receipt = queries.receipt(sale.user_id, sale.order_id)
    assert receipt is not None
    assert (sale.order.status, receipt.owed, receipt.given_back) == ("refunded", "19.0115 USDT", "")


def test_a_receipt_tells_what_has_gone_back_from_what_is_only_owed(sale: Sale) -> None:
    sale.reads(Status.FINISHED, ASKED)
    billing.open_review(order_id=sale.order_id, reason="asked for it", actor=OPERATOR, now=NOW)
    decide("refund", refund=billing.RefundNote("usdttrc20", ASKED, "Tme"))
    refund = Refund.objects.get()
    billing.note_refund(refund_id=refund.pk, state="sent", transaction_id="ab12", actor=OPERATOR, now=NOW)
    receipt = queries.receipt(sale.user_id, sale.order_id)
    assert receipt is not None
    assert (receipt.owed, receipt.given_back) == ("", "19.0115 USDT")


def test_a_refund_that_failed_is_neither_owed_nor_given_back_on_the_receipt(sale: Sale) -> None:
    sale.reads(Status.FINISHED, ASKED)
    billing.open_review(order_id=sale.order_id, reason="asked for it", actor=OPERATOR, now=NOW)
    decide("refund", refund=billing.RefundNote("usdttrc20", ASKED, "Tme"))
    billing.note_refund(refund_id=Refund.objects.get().pk, state="failed", actor=OPERATOR, now=NOW)
    receipt = queries.receipt(sale.user_id, sale.order_id)
    assert receipt is not None
    assert (receipt.owed, receipt.given_back) == ("", "")


def test_an_owed_refund_is_sent_once(short: Sale) -> None:
    decide("refund", refund=billing.RefundNote("usdttrc20", SHORT, "Tme"))
    refund = Refund.objects.get()
    note = {"refund_id": refund.pk, "actor": OPERATOR, "now": NOW}
    billing.note_refund(state="sent", transaction_id="ab12", **note)
    assert queries.refunds()[0].transaction == "ab12"
    with pytest.raises(billing.AlreadyResolved):
        billing.note_refund(state="failed", **note)
    with pytest.raises(billing.UnknownRefund):
        billing.note_refund(refund_id=0, state="sent", actor=OPERATOR, now=NOW)


def test_a_review_is_decided_once_and_only_as_offered(short: Sale) -> None:
    review = Review.objects.get()
    say = {"review_id": review.pk, "reason": "", "actor": OPERATOR, "now": NOW}
    for outcome in ("superseded", "nonsense", "refund"):  # a refund of nothing
        with pytest.raises(billing.NotOffered):
            billing.resolve(outcome=outcome, **say)
    billing.resolve(outcome="close", **say)
    with pytest.raises(billing.AlreadyResolved):
        billing.resolve(outcome="accept", **say)
    with pytest.raises(billing.UnknownReview):
        billing.resolve(review_id=0, outcome="close", reason="", actor=OPERATOR, now=NOW)


def test_closing_one_of_two_reviews_leaves_the_order_in_review(person: int) -> None:
    order_id = sales.place(person)
    first, second = sales.prepare(person, order_id), sales.prepare(person, order_id, "btc")
    first.reads(Status.PARTIALLY_PAID, SHORT)
    second.reads(Status.PARTIALLY_PAID, SHORT)
    older = Review.objects.order_by("pk").first()
    assert older is not None
    billing.resolve(review_id=older.pk, outcome="close", reason="", actor=OPERATOR, now=NOW)
    assert Order.objects.get().status == "review"
    decide("close")
    assert Order.objects.get().status == "canceled"


def test_the_queue_says_what_may_be_decided(short: Sale) -> None:
    (line,) = queries.reviews()
    assert (line.reason, line.asked, line.received) == ("underpaid", "19.0115", "15.2092")
    assert line.outcomes == ("accept", "next_cycle", "refund", "close")
    assert cycles.subscription(short.user_id, NOW).state == "none"
    assert queries.open_reviews() == 1


def test_the_addresses_of_a_whole_list_are_asked_for_at_once(
    person: int, django_assert_max_num_queries: Callable[[int], AbstractContextManager[Any]]
) -> None:
    order_id = sales.place(person)
    for one in [sales.prepare(person, order_id), sales.prepare(person, order_id, "btc")]:
        one.reads(Status.FINISHED, ASKED)
    with django_assert_max_num_queries(3):
        lines = queries.payments()
    assert len(lines) == 2
    assert {line.email for line in lines} == {User.objects.get(pk=person).email}
