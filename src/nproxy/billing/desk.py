"""Money as the operator sees it: payments, callbacks, reviews, refunds. Exact figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nproxy.accounts import queries as people
from nproxy.billing.models import (
    Activation,
    Order,
    Payment,
    PaymentEvent,
    QuarantinedEvent,
    Refund,
    Review,
)
from nproxy.billing.refunds import newest_address
from nproxy.billing.rules.reviews import Reason, outcomes
from nproxy.kit.money import coin_text


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One payment at the processor, and the order it belongs to ("" and None where nobody knows)."""

    payment_id: str
    email: str
    order_id: UUID | None
    order_status: str
    price_cents: int | None
    status: str
    coin: str
    asked: str
    received: str
    found_at: datetime
    observed_at: datetime | None
    told_by: str
    review: str


@dataclass(frozen=True, slots=True)
class EventLine:
    """One callback. `is_verified` is False for one in quarantine."""

    id: UUID
    received_at: datetime
    address: str
    size: int
    is_verified: bool
    payment_id: str
    told: str
    handled_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """Money that waits for a decision, and what may be decided (see rules.reviews.outcomes).

    `refund_to` is where its owner wants it if it goes back, "" before they said.
    """

    id: int
    opened_at: datetime
    reason: str
    email: str
    order_id: UUID | None
    price_cents: int | None
    payment_id: str
    coin: str
    asked: str
    received: str
    refund_to: str
    is_confirmed: bool
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Money that goes back, or should."""

    id: int
    recorded_at: datetime
    state: str
    email: str
    order_id: UUID | None
    coin: str
    amount: str
    address: str
    transaction: str
    reason: str


def payments(
    *, limit: int = 50, order_id: UUID | None = None, user_id: int | None = None
) -> list[PaymentLine]:
    """The newest payments, children and strangers too."""
    rows = Payment.objects.select_related("attempt__order").prefetch_related("reviews").order_by("-pk")
    if order_id:
        rows = rows.filter(attempt__order_id=order_id)
    if user_id:
        rows = rows.filter(attempt__order__user_id=user_id)
    found = [(one, one.attempt.order if one.attempt else None) for one in rows[:limit]]
    emails = _emails(order for _, order in found)
    return [_payment(one, order, emails) for one, order in found]


def _payment(payment: Payment, order: Order | None, emails: dict[int, str]) -> PaymentLine:
    waiting = [review.reason for review in payment.reviews.all() if review.resolved_at is None]
    return PaymentLine(
        payment_id=payment.payment_id,
        email=emails.get(order.user_id, "") if order else "",
        order_id=order.pk if order else None,
        order_status=order.status if order else "",
        price_cents=order.price_cents if order else None,
        status=payment.status,
        coin=payment.pay_coin,
        asked=coin_text(payment.pay_amount) if payment.pay_amount is not None else "",
        received=coin_text(payment.actually_paid),
        found_at=payment.found_at,
        observed_at=payment.observed_at,
        told_by=payment.success_told_by,
        review=waiting[0] if waiting else "",
    )


def events(*, limit: int = 50, quarantined: bool = False) -> list[EventLine]:
    """The newest callbacks: those that were believed, or those in quarantine."""
    if quarantined:
        held = QuarantinedEvent.objects.order_by("-pk")[:limit]
        return [_event(one, is_verified=False) for one in held]
    return [_event(one, is_verified=True) for one in PaymentEvent.objects.order_by("-pk")[:limit]]


def _event(event: PaymentEvent | QuarantinedEvent, *, is_verified: bool) -> EventLine:
    good = event if isinstance(event, PaymentEvent) else None
    return EventLine(
        id=event.pk,
        received_at=event.received_at,
        address=event.address,
        size=len(event.body),
        is_verified=is_verified,
        payment_id=good.payment_id if good else "",
        told=good.told if good else "",
        handled_at=good.handled_at if good else None,
        outcome=good.outcome if good else "",
    )


def reviews() -> list[ReviewLine]:
    """The queue: what waits longest first."""
    waiting = Review.objects.filter(resolved_at=None).order_by("opened_at", "pk")
    found = list(waiting.select_related("order", "payment"))
    emails = _emails(one.order for one in found)
    return [_review(one, emails) for one in found]


def review(review_id: int) -> ReviewLine | None:
    """One, decided or not."""
    found = Review.objects.filter(pk=review_id).select_related("order", "payment").first()
    return _review(found, _emails([found.order])) if found else None


def possible_outcomes(review_id: int) -> tuple[str, ...]:
    """What may be decided about it, while it waits."""
    found = review(review_id)
    return found.outcomes if found else ()


def _review(review: Review, emails: dict[int, str]) -> ReviewLine:
    order, payment = review.order, review.payment
    is_activated = Activation.objects.filter(order=order).exists() if order else False
    offered = outcomes(Reason(review.reason), has_order=order is not None, is_activated=is_activated)
    given = newest_address(order, payment.pay_coin) if order and payment else None
    return ReviewLine(
        id=review.pk,
        opened_at=review.opened_at,
        reason=review.reason,
        email=emails.get(order.user_id, "") if order else "",
        order_id=order.pk if order else None,
        price_cents=order.price_cents if order else None,
        payment_id=payment.payment_id if payment else "",
        coin=payment.pay_coin if payment else "",
        asked=coin_text(payment.pay_amount) if payment and payment.pay_amount is not None else "",
        received=coin_text(payment.actually_paid) if payment else "",
        refund_to=given.address if given else "",
        is_confirmed=given is not None and given.confirmed_at is not None,
        outcomes=tuple(one.value for one in offered),
    )


def refunds(*, limit: int = 50) -> list[RefundLine]:
    """The newest refunds."""
    found = list(Refund.objects.select_related("order").order_by("-pk")[:limit])
    emails = _emails(one.order for one in found)
    return [
        RefundLine(
            id=one.pk,
            recorded_at=one.recorded_at,
            state=one.state,
            email=emails.get(one.order.user_id, "") if one.order else "",
            order_id=one.order_id,
            coin=one.coin,
            amount=coin_text(one.amount),
            address=one.address,
            transaction=one.transaction,
            reason=one.reason,
        )
        for one in found
    ]


def _emails(orders: Iterable[Order | None]) -> dict[int, str]:
    return people.emails({order.user_id for order in orders if order})
