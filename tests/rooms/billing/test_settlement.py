"""What follows from a reading, on real PostgreSQL: each pitfall of the facts' table has an end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.rooms.billing import sales
from tests.rooms.billing.sales import ASKED, LIMIT, NOW, Sale

from nproxy.billing import actions as billing
from nproxy.billing import queries, settlement
from nproxy.billing.models import Observation, Order, Receipt, Refund, Review
from nproxy.billing.rules.states import State
from nproxy.billing.rules.wire import Status
from nproxy.notifications.models import Alert, Mail
from nproxy.quota.models import Quota
from nproxy.subscriptions import queries as subscriptions

pytestmark = pytest.mark.usefixtures("shop")


def mails(kind: str) -> int:
    return Mail.objects.filter(kind=kind).count()


def state(sale: Sale) -> State:
    shown = queries.order(sale.user_id, sale.order_id)
    assert shown is not None
    return shown.state


def test_a_finished_payment_is_a_cycle_a_receipt_and_a_mail(sale: Sale) -> None:
    sale.reads(Status.FINISHED, ASKED)
    assert (sale.order.status, sale.activations, sale.open_reviews) == ("paid", 1, [])
    assert subscriptions.subscription(sale.user_id, NOW).state == "active"
    assert Quota.objects.get(user_id=sale.user_id).limit == LIMIT
    receipt = queries.receipt(sale.user_id, sale.order_id)
    assert receipt is not None
    assert (receipt.number, receipt.price_cents, receipt.amount) == ("000001", 1900, "19.0115")
    assert (mails("order_open"), mails("order_paid")) == (1, 1)
    assert Alert.objects.filter(kind="payment.received").count() == 1


def test_the_ladder_follows_the_money(sale: Sale) -> None:
    seen = [state(sale)]
    for status in (Status.CONFIRMING, Status.CONFIRMED, Status.SENDING, Status.FINISHED):
        sale.reads(status, ASKED)
        seen.append(state(sale))
    assert seen == [State.WAITING, State.SEEN, State.CONFIRMING, State.CONFIRMING, State.ACTIVE]
    assert mails("payment_seen") == 1


def test_the_same_reading_again_changes_nothing(sale: Sale) -> None:
    for _ in range(5):
        sale.reads(Status.FINISHED, ASKED)
    assert sale.activations == 1
    assert Observation.objects.filter(payment=sale.payment).count() == 1
    assert Receipt.objects.count() == 1


def test_less_than_asked_within_the_tolerance_is_enough(sale: Sale) -> None:
    sale.reads(Status.PARTIALLY_PAID, ASKED * Decimal("0.99"))
    assert sale.order.status == "paid"


def test_a_short_payment_waits_for_a_person_and_says_what_is_missing(sale: Sale) -> None:
    sale.reads(Status.PARTIALLY_PAID, ASKED * Decimal("0.98"))
    assert (sale.order.status, sale.activations, sale.open_reviews) == ("review", 0, ["underpaid"])
    shown = queries.order(sale.user_id, sale.order_id)
    assert shown is not None
    assert shown.attempt is not None
    assert (shown.state, shown.attempt.missing) == (State.UNDERPAID, "0.38023")
    assert mails("order_underpaid") == 1


def test_a_short_payment_that_the_dashboard_finishes_as_it_is_stays_in_review(sale: Sale) -> None:
    short = ASKED * Decimal("0.8")
    sale.reads(Status.PARTIALLY_PAID, short)
    sale.reads(Status.FINISHED, short)
    assert (sale.activations, sale.open_reviews, Review.objects.count()) == (0, ["underpaid"], 1)


def test_a_short_payment_that_is_completed_later_activates_and_leaves_the_queue(sale: Sale) -> None:
    sale.reads(Status.PARTIALLY_PAID, ASKED / 2)
    sale.reads(Status.FINISHED, ASKED)
    assert (sale.order.status, sale.activations, sale.open_reviews) == ("paid", 1, [])
    assert Review.objects.get().outcome == "superseded"


def test_too_much_activates_once_and_the_surplus_is_looked_at(sale: Sale) -> None:
    sale.reads(Status.FINISHED, ASKED * 2)
    assert (sale.order.status, sale.activations, sale.open_reviews) == ("paid", 1, ["surplus"])
    assert state(sale) is State.OVERPAID


def test_money_after_expiry_is_used_at_the_price_of_the_order(sale: Sale) -> None:
    later = NOW + timedelta(days=9)
    assert billing.expire_orders(now=later) == 1
    assert (sale.order.status, mails("order_expired")) == ("expired", 1)
    sales.make_plan(price_cents=9900)
    sale.reads(Status.EXPIRED, at=later)
    sale.reads(Status.FINISHED, ASKED, at=later)
    assert (sale.order.status, sale.activations, state(sale)) == ("paid", 1, State.LATE)


def test_money_on_a_canceled_order_counts_and_shows_while_it_is_under_way(sale: Sale) -> None:
    billing.cancel_order(user_id=sale.user_id, order_id=sale.order_id, now=NOW)
    sale.reads(Status.CONFIRMING, ASKED)
    assert (sale.order.status, state(sale)) == ("canceled", State.SEEN)
    sale.reads(Status.FINISHED, ASKED)
    assert (sale.order.status, sale.activations) == ("paid", 1)


def test_an_order_with_money_under_way_does_not_lapse_and_cannot_be_canceled(sale: Sale) -> None:
    sale.reads(Status.CONFIRMING, ASKED)
    assert billing.expire_orders(now=NOW + timedelta(days=30)) == 0
    with pytest.raises(billing.NotPossible):
        billing.cancel_order(user_id=sale.user_id, order_id=sale.order_id, now=NOW)


def test_late_money_while_a_cycle_waits_already_goes_to_review(person: int) -> None:
    late = sales.sell(person)
    billing.cancel_order(user_id=person, order_id=late.order_id, now=NOW)
    for _ in range(2):
        sales.sell(person).reads(Status.FINISHED, ASKED)
    late.reads(Status.FINISHED, ASKED)
    assert (late.order.status, late.activations, late.open_reviews) == ("review", 0, ["already_queued"])
    late.reads(Status.FINISHED, ASKED)
    assert late.open_reviews == ["already_queued"]


def test_a_renewal_before_the_end_queues_behind_it(person: int) -> None:
    first = sales.sell(person)
    first.reads(Status.FINISHED, ASKED)
    second = sales.sell(person)
    second.reads(Status.FINISHED, ASKED)
    spans = [order.cycle for order in queries.orders_of(person) if order.cycle]
    assert spans[0].starts_at == spans[1].ends_at


@pytest.mark.parametrize(("seconds", "starts_at_the_end"), [(-1, True), (0, True), (1, False)])
def test_a_renewal_at_the_end_loses_no_second_and_invents_none(
    person: int, seconds: int, *, starts_at_the_end: bool
) -> None:
    first = sales.sell(person)
    first.reads(Status.FINISHED, ASKED)
    ends_at = subscriptions.subscription(person, NOW).ends_at
    assert ends_at is not None
    now = ends_at + timedelta(seconds=seconds)
    second = sales.sell(person, at=now)
    second.reads(Status.FINISHED, ASKED, at=now)
    shown = queries.order(person, second.order_id)
    assert shown is not None
    assert shown.cycle is not None
    assert shown.cycle.starts_at == (ends_at if starts_at_the_end else now)


def test_two_coins_of_one_order_both_paid_are_one_activation_and_one_review(person: int) -> None:
    order_id = sales.place(person)
    first, second = sales.prepare(person, order_id), sales.prepare(person, order_id, "btc")
    second.reads(Status.FINISHED, ASKED)
    first.reads(Status.FINISHED, ASKED)
    assert (first.order.status, first.activations, first.open_reviews) == ("paid", 1, ["second_payment"])
    shown = queries.order(person, order_id)
    assert shown is not None
    assert shown.attempt is not None
    assert (shown.state, shown.attempt.coin, shown.review) == (State.ACTIVE, "btc", "second_payment")


@pytest.mark.parametrize(("coin", "reason"), [("usdttrc20", "redeposit"), ("usdcsol", "wrong_coin")])
@pytest.mark.parametrize("status", [Status.FINISHED, Status.PARTIALLY_PAID])
def test_a_child_payment_is_never_activated_by_itself(
    sale: Sale, coin: str, reason: str, status: Status
) -> None:
    child = sale.child(status, ASKED * 3, coin)
    settlement.record(child, processor="nowpayments", told_by="event", now=NOW)
    assert (sale.order.status, sale.activations, sale.open_reviews) == ("review", 0, [reason])


def test_a_child_beside_a_paid_order_is_one_review_however_often_it_is_read(sale: Sale) -> None:
    sale.reads(Status.FINISHED, ASKED)
    child = sale.child(Status.FINISHED, ASKED)
    for _ in range(3):
        settlement.record(child, processor="nowpayments", told_by="poll", now=NOW)
    assert (sale.order.status, sale.activations, sale.open_reviews) == ("paid", 1, ["redeposit"])


def test_a_parent_s_answer_makes_its_children_due(sale: Sale) -> None:
    sale.reads(Status.FINISHED, ASKED, child_payment_ids=("77", "78"))
    assert (
        list(sale.payment.attempt.payments.filter(parent_payment_id=sale.payment_id, next_poll_at=NOW)) != []
    )


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"price_cents": 1}, "wrong_price"),
        ({"price_cents": None}, "wrong_price"),
        ({"price_currency": "eur"}, "wrong_price"),
        ({"pay_coin": "doge"}, "wrong_coin"),
        ({"ref": "someone-elses"}, "wrong_ref"),
    ],
)
def test_a_payment_that_is_not_as_ordered_is_looked_at(
    sale: Sale, wrong: dict[str, object], reason: str
) -> None:
    sale.reads(Status.FINISHED, ASKED, **wrong)
    assert (sale.order.status, sale.activations, sale.open_reviews) == ("review", 0, [reason])


@pytest.mark.parametrize(
    ("status", "paid", "reasons"),
    [
        (Status.FAILED, ASKED, ["failed_with_money"]),
        (Status.FAILED, Decimal(0), []),
        (Status.EXPIRED, ASKED, ["expired_with_money"]),
        (Status.EXPIRED, Decimal(0), []),
        (Status.CANCELLED, ASKED / 2, ["underpaid"]),
        (Status.UNKNOWN, ASKED, ["unknown_status"]),
        (Status.WRONG_ASSET, ASKED, ["wrong_coin"]),
    ],
)
def test_an_end_without_success_is_looked_at_when_money_is_in_it(
    sale: Sale, status: Status, paid: Decimal, reasons: list[str]
) -> None:
    sale.reads(status, paid)
    assert (sale.activations, sale.open_reviews) == (0, reasons)


def test_a_success_after_an_unknown_word_activates(sale: Sale) -> None:
    sale.reads(Status.UNKNOWN, ASKED)
    sale.reads(Status.FINISHED, ASKED)
    assert (sale.order.status, sale.open_reviews) == ("paid", [])


def test_a_refund_by_the_processor_is_on_record_and_looked_at(sale: Sale) -> None:
    sale.reads(Status.FINISHED, ASKED)
    sale.reads(Status.REFUNDED, ASKED)
    assert (sale.order.status, sale.open_reviews) == ("refunded", ["refunded"])
    assert (Refund.objects.get().state, Refund.objects.get().amount) == ("sent", ASKED)
    assert subscriptions.subscription(sale.user_id, NOW).state == "active"


def test_a_second_payment_s_refund_leaves_the_order_paid(person: int) -> None:
    order_id = sales.place(person)
    first, second = sales.prepare(person, order_id), sales.prepare(person, order_id, "btc")
    first.reads(Status.FINISHED, ASKED)
    second.reads(Status.FINISHED, ASKED)
    second.reads(Status.REFUNDED, ASKED)
    assert (first.order.status, first.open_reviews) == ("paid", ["refunded"])


def test_a_paid_one_that_turns_bad_is_told_and_nothing_is_taken_away(sale: Sale) -> None:
    sale.reads(Status.FINISHED, ASKED)
    sale.reads(Status.FAILED, ASKED)
    assert (sale.order.status, sale.open_reviews) == ("paid", ["turned_bad"])
    assert Alert.objects.filter(kind="payment.in_review", severity="critical").count() == 1


def test_a_payment_that_is_nobody_s_waits_for_a_person(sale: Sale) -> None:
    stranger = sale.seen(Status.FINISHED, ASKED, payment_id="99", ref="")
    settlement.record(stranger, processor="nowpayments", told_by="event", now=NOW)
    review = Review.objects.get()
    assert (review.order, review.reason, sale.order.status) == (None, "unknown_payment", "open")


def test_a_success_that_only_a_poll_has_found_is_told_once_an_hour(person: int) -> None:
    for _ in range(3):
        one = sales.sell()
        one.reads(Status.FINISHED, ASKED, told_by="poll")
        assert one.payment.success_told_by == "poll"
    assert Alert.objects.filter(kind="payments.callbacks_missing").count() == 1


def test_receipts_follow_each_other_without_a_gap(person: int) -> None:
    for _ in range(3):
        sales.sell().reads(Status.FINISHED, ASKED)
    assert list(Receipt.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]


def test_what_changed_is_told_after_a_version_and_nothing_else(sale: Sale) -> None:
    before = sale.order.version
    assert queries.changed(sale.user_id, before) == []
    sale.reads(Status.CONFIRMING, ASKED)
    assert [one.id for one in queries.changed(sale.user_id, before)] == [sale.order_id]


def test_no_view_of_a_person_tells_a_limit(sale: Sale) -> None:
    sale.reads(Status.FINISHED, ASKED)
    shown = (queries.order(sale.user_id, sale.order_id), queries.receipt(sale.user_id, sale.order_id))
    assert str(LIMIT) not in repr(shown)
    assert Order.objects.get().request_limit == LIMIT
