"""From a reading of the processor to what follows from it: one transaction under the order's lock.

What it means is decided by rules.settlement; here it is written down.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from nproxy.billing import activation, changes, incoming, letters, reviews
from nproxy.billing.models import Activation, Observation, Order, Payment, PaymentAttempt, Refund
from nproxy.billing.rules import wire
from nproxy.billing.rules.reviews import Reason
from nproxy.billing.rules.schedule import next_poll
from nproxy.billing.rules.settlement import (
    ARRIVED,
    MOVING,
    RANK,
    Activate,
    Ask,
    Bill,
    Decision,
    Known,
    Review,
    advances,
    decide,
)
from nproxy.billing.rules.wire import Status
from nproxy.kit.money import coin_text
from nproxy.subscriptions import actions as subscriptions

OrderStatus = Order.Status


@dataclass(frozen=True, slots=True)
class Case:
    """A payment that was just read, and what it belongs to, if anything. All rows are locked."""

    payment: Payment
    order: Order | None
    attempt: PaymentAttempt | None
    known: Known
    seen: wire.Observation


@transaction.atomic
def record(seen: wire.Observation, *, processor: str, told_by: str, now: datetime) -> Decision:
    """Write down what a payment looks like now and do what follows; harmless when repeated.

    `told_by` is what made us read it: `event`, `poll` or `operator`.
    """
    case = _case(seen, processor, now)
    decision = decide(
        _bill(case.order), _ask(case.attempt), case.known, seen, settings.NPROXY_PAYMENT_TOLERANCE
    )
    _observe(case, told_by, now)
    _apply(case, told_by, now)
    if isinstance(decision, Activate):
        decision = _activate(case, decision, now)
    if isinstance(decision, Review):
        _review(case, decision.reason, now)
    if case.order:
        changes.show(case.order)
    return decision


def _case(seen: wire.Observation, processor: str, now: datetime) -> Case:
    attempt = incoming.attempt_of(processor, seen.payment_id, seen.parent_payment_id, seen.ref)
    order = changes.locked(attempt.order_id) if attempt else None
    if attempt:
        _adopt(attempt, seen)
        attempt.refresh_from_db()
    payment = incoming.payment_row(processor, seen.payment_id, seen.parent_payment_id, attempt, now)
    known = Known(
        status=Status(payment.status),
        actually_paid=payment.actually_paid,
        has_activated=Activation.objects.filter(payment=payment).exists(),
        reviewed=frozenset(Reason(each) for each in payment.reviews.values_list("reason", flat=True)),
    )
    return Case(payment, order, attempt, known, seen)


def _adopt(attempt: PaymentAttempt, seen: wire.Observation) -> None:
    """The answer to our create was lost, and here is its payment: it carries our reference and is nobody's child."""
    if not seen.parent_payment_id and seen.ref == str(attempt.pk):
        PaymentAttempt.objects.filter(pk=attempt.pk, payment_id=None).update(payment_id=seen.payment_id)


def _bill(order: Order | None) -> Bill | None:
    if order is None:
        return None
    return Bill(
        price_cents=order.price_cents,
        is_activated=changes.is_activated(order),
        is_closed=order.status in changes.CLOSED,
        is_refunded=order.status == OrderStatus.REFUNDED,
    )


def _ask(attempt: PaymentAttempt | None) -> Ask | None:
    if attempt is None:
        return None
    return Ask(str(attempt.pk), attempt.payment_id or "", attempt.coin, attempt.pay_amount)


def _observe(case: Case, told_by: str, now: datetime) -> None:
    seen = case.seen
    content = {
        "status": seen.status.value,
        "status_word": seen.status_word,
        "ref": seen.ref,
        "price_cents": seen.price_cents,
        "price_currency": seen.price_currency,
        "pay_coin": seen.pay_coin,
        "pay_amount": seen.pay_amount,
        "actually_paid": seen.actually_paid,
        "outcome_amount": seen.outcome_amount,
        "outcome_coin": seen.outcome_coin,
        "received_cents": seen.received_cents,
    }
    # Numbers by value: 10.0 and 10.00 are one observation.
    spelled = [coin_text(one) if isinstance(one, Decimal) else str(one) for one in content.values()]
    Observation.objects.get_or_create(
        payment=case.payment,
        digest=hashlib.sha256("|".join([*spelled, seen.payin_hash]).encode()).hexdigest(),
        defaults=content
        | {"told_by": told_by, "observed_at": now, "updated_at": seen.updated_at, "raw": seen.raw},
    )


def _apply(case: Case, told_by: str, now: datetime) -> None:
    """The payment's row takes over what has advanced; a success that only a poll has found is told."""
    payment, seen = case.payment, case.seen
    payment.transaction = seen.payin_hash or payment.transaction
    payment.observed_at, payment.last_status = now, seen.status.value
    if advances(case.known, seen.status, seen.actually_paid):
        if seen.status is not case.known.status:
            payment.status_at = now
        payment.status = seen.status.value
        _take_amounts(payment, seen)
    elif seen.status not in RANK and not payment.pay_coin:
        _take_amounts(
            payment, seen
        )  # a status that moves nothing, and still the first word about coin and amount
    if payment.seen_at is None and seen.status in MOVING | ARRIVED:
        payment.seen_at = now
        if case.order and _will_pay(case.order, seen):
            letters.payment_seen(case.order, payment, now)
    if not payment.success_told_by and seen.status in ARRIVED:
        payment.success_told_by = told_by
        if told_by == "poll" and not incoming.success_was_told(payment):
            _warn_of_silence(now)
    payment.next_poll_at = next_poll(
        Status(payment.status), found_at=payment.found_at, status_at=payment.status_at, now=now
    )
    payment.save()
    for child in seen.child_payment_ids:
        incoming.payment_row(payment.processor, child, seen.payment_id, case.attempt, now)


def _take_amounts(payment: Payment, seen: wire.Observation) -> None:
    payment.actually_paid = seen.actually_paid
    payment.pay_amount = seen.pay_amount
    payment.pay_coin = seen.pay_coin
    payment.received_cents = seen.received_cents


def _will_pay(order: Order, seen: wire.Observation) -> bool:
    """Whether this money, which is on its way, is what the order waits for."""
    return seen.status in MOVING and not seen.parent_payment_id and not changes.is_activated(order)


def _warn_of_silence(now: datetime) -> None:
    changes.alert_hourly(
        kind="payments.callbacks_missing",
        text="A payment succeeded, and no callback told us: we found it by asking. Payments still work, only later."
        " Check the callback settings at the processor, and that it can reach this site.",
        now=now,
    )


def _activate(case: Case, decision: Activate, now: datetime) -> Decision:
    """The cycle; what is left over, or what finds no place in the line, goes to review."""
    assert case.order is not None  # noqa: S101 - the rules activate nothing without an order
    try:
        activation.activate(case.order, payment=case.payment, review=None, is_late=decision.is_late, now=now)
    except subscriptions.AlreadyQueued:
        return Review(Reason.ALREADY_QUEUED)
    reviews.supersede(case.payment, now)
    return Review(Reason.SURPLUS) if decision.surplus else decision


def _review(case: Case, reason: Reason, now: datetime) -> None:
    reviews.open_for(case.payment, case.order, reason, now)
    if case.order is None:
        return
    if reason is Reason.UNDERPAID:
        letters.underpaid(case.order, case.payment, now)
    if reason is Reason.REFUNDED:
        _record_refund(case, case.order, now)


def _record_refund(case: Case, order: Order, now: datetime) -> None:
    """The processor gave the money back. The order follows, unless other money had paid for it."""
    refund, is_new = Refund.objects.get_or_create(
        payment=case.payment,
        review=None,
        defaults={
            "order": order,
            "coin": case.payment.pay_coin,
            "amount": case.payment.actually_paid,
            "state": Refund.State.SENT,
            "reason": "by the processor",
            "recorded_at": now,
            "state_at": now,
        },
    )
    if is_new and refund.amount > 0:
        letters.refunded(order, refund, now)
    if case.known.has_activated or not changes.is_activated(order):
        changes.move(order, OrderStatus.REFUNDED, out_of=tuple(OrderStatus), now=now)


@transaction.atomic
def unreadable(payment: Payment, now: datetime) -> None:
    """The processor does not show a payment. If a callback told of it, a person has to look; else the operator knows."""
    attempt = payment.attempt
    order = changes.locked(attempt.order_id) if attempt else None
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    payment.next_poll_at = next_poll(
        Status(payment.status), found_at=payment.found_at, status_at=payment.status_at, now=now
    )
    payment.save(update_fields=["next_poll_at"])
    is_settled = Q(activations__isnull=False) | Q(reviews__isnull=False)
    if Payment.objects.filter(is_settled, pk=payment.pk).exists():
        return
    if incoming.was_told(payment):
        if now - payment.found_at >= incoming.PATIENCE:
            reviews.open_for(payment, order, Reason.UNREADABLE, now)
            if order:
                changes.show(order)
    else:
        changes.alert_hourly(
            kind="payments.unreadable",
            text=f"The processor does not know payment {payment.payment_id}, which is ours."
            " Was the API key replaced? Only the key that made a payment can read it.",
            now=now,
        )
