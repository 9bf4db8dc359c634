"""Money on the operators' pages: seen by all of them, decided by those who may, once, and on record."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings
from tests.doors.staff.seats import Seat, address, recorded
from tests.rooms.billing import sales
from tests.rooms.billing.sales import ASKED, NOW, OPERATOR, Sale

from nproxy.audit.models import AuditEntry
from nproxy.billing import actions as billing
from nproxy.billing import settlement
from nproxy.billing.models import (
    Activation,
    Order,
    Payment,
    PaymentEvent,
    QuarantinedEvent,
    Refund,
    Review,
)
from nproxy.billing.rules.wire import Status
from nproxy.kit.money import coin_text
from nproxy.subscriptions import actions as subscriptions

TRON = "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"


@pytest.fixture
def sale(db: None, settings: Settings) -> Sale:
    cache.clear()
    settings.NPROXY_NOWPAYMENTS_API_KEY = "sandbox-key"
    settings.NPROXY_NOWPAYMENTS_IPN_SECRET = ("secret",)
    settings.NPROXY_NOWPAYMENTS_COINS = settings.NPROXY_NOWPAYMENTS_PAYOUT_COIN = ("usdttrc20",)
    sales.make_plan()
    sales.make_coins()
    return sales.sell(at=timezone.now())


@pytest.fixture
def short(sale: Sale) -> Review:
    """A case: half of the money has come."""
    sale.reads(Status.PARTIALLY_PAID, ASKED / 2, at=timezone.now())
    return Review.objects.get()


def refusals(review: Review) -> list[str]:
    entries = [each for each in recorded("review", review.pk) if each.action == "act.refused"]
    return [str((each.after or {})["because"]) for each in entries]


def test_every_page_about_money_opens_for_a_viewer_without_a_button(
    viewer: Seat, operator: Seat, sale: Sale, short: Review
) -> None:
    billing.receive_event(body=b"{}", headers={}, address="6.6.6.6", now=NOW)
    event = PaymentEvent.objects.create(
        id=sales.uuid4(), processor="nowpayments", digest="d", body=b'{"a": 1}', signature="s", received_at=NOW,
        payment_id=sale.payment_id, told="finished",
    )  # fmt: skip
    refund = Refund.objects.create(
        order=sale.order, coin="usdttrc20", amount=1, state="owed", recorded_at=NOW, state_at=NOW
    )
    for target in (short, sale.order, sale.payment, event, QuarantinedEvent.objects.get(), refund):
        model = type(target)
        assert str(target.pk) in viewer.opens(address(model))
        page = viewer.opens(address(model, target.pk))
        assert "/act/" not in page
        offered = operator.opens(address(model, target.pk))
        assert ("/act/" in offered) == (model is not Payment)
    assert "{&quot;a&quot;: 1}" in viewer.opens(address(PaymentEvent, event.pk))


def test_a_case_is_accepted_with_a_reason_and_shows_who_did_it(
    operator: Seat, sale: Sale, short: Review
) -> None:
    assert "9.50575" in operator.opens(address(Review, short.pk))
    page = operator.acts(address(Review, short.pk, "accept"), reason="a withdrawal fee").content.decode()
    assert "Accepted." in page
    assert "a withdrawal fee" in page
    assert (sale.order.status, sale.activations) == ("paid", 1)
    [entry] = [each for each in recorded("review", short.pk) if each.action == "review.resolved"]
    assert (entry.actor_kind, entry.actor_name) == ("operator", operator.user.email)
    assert "/act/" not in operator.opens(address(Review, short.pk))


def test_without_a_reason_nothing_is_decided(operator: Seat, sale: Sale, short: Review) -> None:
    page = operator.acts(address(Review, short.pk, "accept"), reason=" ").content.decode()
    assert "This field is required" in page
    assert sale.activations == 0


def test_the_second_of_two_operators_is_told_what_the_first_decided(
    operator: Seat, seat: Callable[[str], Seat], sale: Sale, short: Review
) -> None:
    accept, close = (address(Review, short.pk, act) for act in ("accept", "close"))
    seen = operator.sees(close)
    other = seat("operator")
    other.acts(accept, reason="first")
    page = operator.sends(close, seen, reason="second").content.decode()
    assert "Not done, it changed since you looked" in page
    assert f"review.resolved by {other.user.email}" in page
    assert (sale.order.status, Review.objects.get().outcome) == ("paid", "accept")
    assert len(refusals(short)) == 1


def test_a_decision_that_slips_in_between_look_and_act_still_counts_once(
    operator: Seat, sale: Sale, short: Review
) -> None:
    """The form's stamp is of after the other decision, as if both had pressed within the same moment."""
    accept = address(Review, short.pk, "accept")
    billing.resolve(review_id=short.pk, outcome="accept", reason="first", actor=OPERATOR, now=timezone.now())
    page = operator.acts(accept, reason="second").content.decode()
    assert "Somebody has decided about it already." in page
    assert Activation.objects.count() == 1
    assert refusals(short) == ["Somebody has decided about it already."]


@pytest.mark.parametrize("act", ["accept", "next_cycle", "refund", "close"])
def test_a_viewer_who_calls_a_decision_by_hand_is_refused_and_recorded(
    viewer: Seat, sale: Sale, short: Review, act: str
) -> None:
    there = address(Review, short.pk, act)
    data = {"reason": "mine", "seen": "x", "amount": "1", "coin": "usdttrc20"}
    assert viewer.client.get(there).status_code == 403
    assert viewer.client.post(there, data).status_code == 403
    assert Review.objects.get().resolved_at is None
    assert AuditEntry.objects.filter(action="act.refused", actor_name=viewer.user.email).exists()


def test_a_forged_stamp_decides_nothing(operator: Seat, sale: Sale, short: Review) -> None:
    page = operator.sends(address(Review, short.pk, "accept"), "forged", reason="mine").content.decode()
    assert "This page is too old." in page
    assert sale.activations == 0


def test_a_forged_form_without_its_token_decides_nothing(operator: Seat, sale: Sale, short: Review) -> None:
    operator.client.handler.enforce_csrf_checks = True
    there = address(Review, short.pk, "accept")
    answer = operator.client.post(there, {"reason": "mine", "seen": operator.sees(there)})
    assert answer.status_code == 403
    assert sale.activations == 0


def test_a_refund_is_filled_in_owed_and_then_sent(operator: Seat, sale: Sale, short: Review) -> None:
    billing.give_refund_address(user_id=sale.user_id, order_id=sale.order_id, address=TRON, now=NOW)
    there = address(Review, short.pk, "refund")
    form = operator.opens(there)
    assert f"Its owner wants it at {TRON}, not confirmed yet." in form
    assert 'value="9.50575"' in form
    billing.confirm_refund_address(address_id=sale.order.refund_addresses.get().pk, now=NOW)
    operator.acts(there, amount="9.5", coin="usdttrc20", reason="asked for it")
    refund = Refund.objects.get()
    assert (refund.state, refund.address, refund.amount) == ("owed", TRON, Decimal("9.5"))
    operator.acts(address(Refund, refund.pk, "sent"), transaction="7f3a", reason="done")
    refund.refresh_from_db()
    assert (refund.state, refund.transaction) == ("sent", "7f3a")


def test_money_without_an_order_needs_one_named(operator: Seat, sale: Sale) -> None:
    seen = sale.seen(Status.FINISHED, ASKED, payment_id="7777777777", ref="someone-elses")
    settlement.record(seen, processor="nowpayments", told_by="event", now=timezone.now())
    review = Review.objects.get(order=None)
    there = address(Review, review.pk, "next_cycle")
    assert "This field is required" in operator.acts(there, reason="hers").content.decode()
    assert (
        "There is no such order."
        in operator.acts(there, order=str(sales.uuid4()), reason="hers").content.decode()
    )
    operator.acts(there, order=str(sale.order_id), reason="hers")
    assert sale.activations == 1


def test_an_order_is_put_before_the_desk_by_hand(operator: Seat, sale: Sale) -> None:
    there = address(Order, sale.order_id, "review")
    page = operator.acts(there, reason="paid in cash").content.decode()
    review = Review.objects.get()
    assert f"It is review {review.pk} now" in page
    operator.acts(address(Review, review.pk, "accept"), reason="counted it")
    assert sale.order.status == "paid"


def test_a_callback_is_followed_again_from_its_page(operator: Seat, sale: Sale) -> None:
    billing.receive_event(body=b"{}", headers={}, address="6.6.6.6", now=NOW)
    held = QuarantinedEvent.objects.get()
    page = operator.acts(address(QuarantinedEvent, held.pk, "replay")).content.decode()
    assert "stays in quarantine" in page
    assert recorded("payment_event", held.pk)[0].action == "payment_event.replayed"


def rows(seat: Seat, model: type, query: str) -> list[dict[str, str]]:
    """What the export of a list holds."""
    answer = seat.client.get(f"{address(model)}export/{query}")
    assert "no-store" in answer.headers["Cache-Control"]
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_orders_and_payments_are_exported_as_the_filters_leave_them_and_it_is_on_record(
    viewer: Seat, sale: Sale
) -> None:
    sale.reads(Status.FINISHED, ASKED, at=timezone.now())
    assert f"{address(Order)}export/?status__exact=paid" in viewer.opens(
        f"{address(Order)}?status__exact=paid"
    )
    [order] = rows(viewer, Order, "?status__exact=paid")
    assert (order["order"], order["status"]) == (str(sale.order_id), "paid")
    assert (order["email"], order["paid"]) == (sale.order.user.email, coin_text(ASKED))
    [payment] = rows(viewer, Payment, "")
    assert (payment["order"], payment["came"]) == (str(sale.order_id), coin_text(ASKED))
    assert rows(viewer, Order, "?status__exact=open") == []
    exported = AuditEntry.objects.filter(action__endswith="s.exported", actor_name=viewer.user.email)
    assert [(each.action, each.after) for each in exported.order_by("pk")] == [
        ("orders.exported", {"filters": "status__exact=paid"}),
        ("payments.exported", {"filters": ""}),
        ("orders.exported", {"filters": "status__exact=open"}),
    ]


def test_what_was_done_about_a_payment_stands_on_its_page_and_on_its_orders(
    operator: Seat, viewer: Seat, sale: Sale, short: Review
) -> None:
    operator.acts(address(Review, short.pk, "accept"), reason="a withdrawal fee")
    for target in (sale.payment, sale.order, short):
        page = viewer.opens(address(type(target), target.pk))
        assert "review.resolved" in page
        assert "a withdrawal fee" in page
        assert f"target_kind__exact=review&amp;q={short.pk}" in page


def test_what_somebody_called_their_plan_is_no_formula_in_the_export(viewer: Seat, sale: Sale) -> None:
    subscriptions.set_plan(
        name="=HYPERLINK(1)",
        price_cents=900,
        request_limit=5,
        sales_text="",
        actor=OPERATOR,
        now=timezone.now(),
    )
    sales.sell(at=timezone.now())
    assert "'=HYPERLINK(1)" in {each["plan"] for each in rows(viewer, Order, "")}
