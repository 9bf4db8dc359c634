"""Putting money before a person: opening a review, and taking it back when later news answers it."""

from __future__ import annotations

from datetime import datetime

from nproxy.billing import changes
from nproxy.billing.models import Order, Payment, Review
from nproxy.billing.rules.reviews import Outcome, Reason
from nproxy.notifications import actions as notifications

Status = Order.Status

_ALARMING = frozenset({Reason.TURNED_BAD, Reason.UNKNOWN_PAYMENT, Reason.WRONG_PRICE, Reason.WRONG_REF})


def open_for(payment: Payment | None, order: Order | None, reason: Reason, now: datetime) -> Review:
    """A review of a payment, or of an order; an order without its cycle waits for it. The rows are locked.

    A payment has one open review at most: the older one is superseded.
    """
    if payment is not None:
        supersede(payment, now)
    review = Review.objects.create(order=order, payment=payment, reason=reason, opened_at=now)
    if order and not changes.is_activated(order):
        changes.move(order, Status.REVIEW, out_of=(Status.OPEN, *changes.CLOSED), now=now)
    notifications.alert(
        kind="payment.in_review",
        subject=str(review.pk),
        severity="critical" if reason in _ALARMING else "warning",
        text=_words(review),
        now=now,
    )
    return review


def supersede(payment: Payment, now: datetime) -> None:
    """The open review of this payment, if there is one, has been answered by what the processor says now."""
    Review.objects.filter(payment=payment, resolved_at=None).update(
        outcome=Outcome.SUPERSEDED, resolved_at=now, resolved_by="nproxy"
    )


def _words(review: Review) -> str:
    about = f"payment {review.payment.payment_id}" if review.payment else "an order, by hand"
    return f"Review {review.pk}: {about}, {review.reason.replace('_', ' ')}."
