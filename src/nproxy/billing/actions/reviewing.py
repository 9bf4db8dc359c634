"""What an operator decides about money: as next cycle, accept, refund, close. Each with a reason, each audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.billing import activation, changes, letters, reviews
from nproxy.billing.actions.ordering import UnknownOrder
from nproxy.billing.actions.refusal import Refused
from nproxy.billing.models import Order, Refund, Review
from nproxy.billing.refunds import newest_address
from nproxy.billing.rules.reviews import DECISIONS, Outcome, Reason, outcomes
from nproxy.kit.ids import new_id
from nproxy.kit.money import coin_text
from nproxy.subscriptions import actions as subscriptions

Status = Order.Status


class UnknownReview(Refused):
    pass


class UnknownRefund(Refused):
    pass


class AlreadyResolved(Refused):
    pass


class NotOffered(Refused):
    pass


class StillQueued(Refused):
    pass


@dataclass(frozen=True, slots=True)
class RefundNote:
    """What goes back, in coins, and where to; `transaction` once it is sent.

    Without an `address` it is the one that the person gave and confirmed, if they did.
    """

    coin: str
    amount: Decimal
    address: str = ""
    transaction: str = ""


@transaction.atomic
def open_review(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> int:
    """Put an order before the desk by hand, whatever the processor says of it; the review's id.

    That is how an operator activates an order, or refunds one. Raises UnknownOrder, AlreadyResolved when one by
    hand is open already.
    """
    order = _order(order_id)
    if Review.objects.filter(order=order, payment=None, resolved_at=None).exists():
        raise AlreadyResolved(order_id)
    before = order.status
    review = reviews.open_for(None, order, Reason.BY_HAND, now)
    audit.record(
        actor=actor,
        action="review.opened",
        target=("order", order_id),
        now=now,
        before={"status": before},
        after={"status": Order.objects.get(pk=order_id).status, "review": review.pk},
        reason=reason,
    )
    changes.show(order)
    return review.pk


def hold_review(*, review_id: int, order_id: UUID | None = None) -> None:
    """Until the transaction ends, nobody else decides about this review, or for its order (`order_id`, where the money
    names none): to look, and then resolve. Raises UnknownReview, UnknownOrder.
    """
    _locked(review_id, order_id)


@transaction.atomic
def resolve(
    *,
    review_id: int,
    outcome: str,
    reason: str,
    actor: Actor,
    now: datetime,
    order_id: UUID | None = None,
    refund: RefundNote | None = None,
) -> None:
    """Decide about a review, once and for all. See rules.reviews for what the outcomes mean.

    `order_id` names the order for money that has none, `refund` what goes back (required for that outcome).
    Raises UnknownReview, UnknownOrder, AlreadyResolved, NotOffered, StillQueued.
    """
    review, order = _locked(review_id, order_id)
    _require_open(review)
    is_activated = order is not None and changes.is_activated(order)
    possible = outcomes(
        Reason(review.reason), has_order=review.order_id is not None, is_activated=is_activated
    )
    decision = Outcome(outcome) if outcome in possible else None
    if decision not in DECISIONS:
        raise NotOffered(outcome)
    Review.objects.filter(pk=review_id).update(
        order=order, outcome=decision, resolved_at=now, resolved_by=actor.name or actor.id, note=reason
    )
    review.order = order
    match decision:
        case Outcome.REFUND:
            _refund(review, order, refund, reason, now)
        case Outcome.CLOSE:
            _close(order, now)
        case Outcome.ACCEPT if is_activated:
            pass  # kept; there is nothing to do for it
        case _:
            _buy(review, order, now)
    _record(review, decision, actor, reason, now)
    if order:
        changes.show(order)


def _locked(review_id: int, order_id: UUID | None) -> tuple[Review, Order | None]:
    """The review and its order, the order's row first."""
    review = Review.objects.filter(pk=review_id).first()
    if review is None:
        raise UnknownReview(review_id)
    wanted = review.order_id or order_id
    order = _order(wanted) if wanted else None
    return Review.objects.select_for_update(of=("self",)).select_related("payment").get(pk=review_id), order


def _require_open(review: Review) -> None:
    if review.resolved_at is not None:
        raise AlreadyResolved(review.pk)


def _order(order_id: UUID) -> Order:
    try:
        return changes.locked(order_id)
    except Order.DoesNotExist:
        raise UnknownOrder(order_id) from None


def _buy(review: Review, order: Order | None, now: datetime) -> None:
    """The money buys the order's cycle; if that one is paid for, one more like it, under an order of its own."""
    if order is None:
        raise NotOffered("name the order that the money is for")
    is_late = order.status in changes.CLOSED
    if changes.is_activated(order):
        order, is_late = _copy(order, now), False
    try:
        activation.activate(order, payment=review.payment, review=review, is_late=is_late, now=now)
    except subscriptions.AlreadyQueued:
        raise StillQueued(order.pk) from None
    changes.show(order)


def _copy(order: Order, now: datetime) -> Order:
    """The same offer once more, for the same person."""
    return Order.objects.create(
        id=new_id(),
        user_id=order.user_id,
        plan_name=order.plan_name,
        sales_text=order.sales_text,
        price_cents=order.price_cents,
        request_limit=order.request_limit,
        terms_version=order.terms_version,
        created_at=now,
        status=Status.REVIEW,
        status_at=now,
        open_until=now,
    )


def _refund(review: Review, order: Order | None, note: RefundNote | None, reason: str, now: datetime) -> None:
    if note is None or not note.amount.is_finite() or note.amount <= 0 or not note.coin:
        raise NotOffered("say how much of which coin goes back")
    refund = Refund.objects.create(
        order=order,
        payment=review.payment,
        review=review,
        coin=note.coin,
        amount=note.amount,
        address=note.address or _confirmed_address(order, note.coin),
        transaction=note.transaction,
        state=Refund.State.SENT if note.transaction else Refund.State.OWED,
        reason=reason,
        recorded_at=now,
        state_at=now,
    )
    if order is None:
        return
    # An order that its own money has paid stays paid, unless it is that money which goes back.
    if _is_its_own_money(review, order):
        changes.move(order, Status.REFUNDED, out_of=tuple(Status), now=now)
    if refund.state == Refund.State.SENT:
        letters.refunded(order, refund, now)


def _confirmed_address(order: Order | None, coin: str) -> str:
    given = newest_address(order, coin) if order else None
    return given.address if given and given.confirmed_at else ""


def _is_its_own_money(review: Review, order: Order) -> bool:
    if not changes.is_activated(order):
        return True
    return review.reason == Reason.BY_HAND


def _close(order: Order | None, now: datetime) -> None:
    """An order that no other review holds is over."""
    if order and not Review.objects.filter(order=order, resolved_at=None).exists():
        changes.move(order, Status.CANCELED, out_of=(Status.REVIEW,), now=now)


@transaction.atomic
def note_refund(
    *, refund_id: int, state: str, transaction_id: str = "", reason: str = "", actor: Actor, now: datetime
) -> None:
    """An owed refund was `sent` (in the transaction `transaction_id`), or `failed`. Raises UnknownRefund, NotOffered,
    AlreadyResolved."""
    refund = Refund.objects.filter(pk=refund_id).select_related("order").first()
    if refund is None:
        raise UnknownRefund(refund_id)
    if state not in {Refund.State.SENT, Refund.State.FAILED}:
        raise NotOffered(state)
    moved = Refund.objects.filter(pk=refund_id, state=Refund.State.OWED).update(
        state=state, transaction=transaction_id or F("transaction"), state_at=now
    )
    if not moved:
        raise AlreadyResolved(refund_id)
    before: dict[str, object] = {"state": Refund.State.OWED.value, "transaction": refund.transaction}
    refund.refresh_from_db()
    audit.record(
        actor=actor,
        action=f"refund.{state}",
        target=("refund", refund_id),
        now=now,
        before=before,
        after={"state": state, "transaction": refund.transaction},
        reason=reason,
    )
    if refund.order:
        if refund.state == Refund.State.SENT:
            letters.refunded(refund.order, refund, now)
        changes.show(refund.order)


def _record(review: Review, outcome: Outcome, actor: Actor, reason: str, now: datetime) -> None:
    payment = review.payment
    audit.record(
        actor=actor,
        action="review.resolved",
        target=("review", review.pk),
        now=now,
        before={
            "reason": review.reason,
            "payment": payment.payment_id if payment else None,
            "came": coin_text(payment.actually_paid) if payment else None,
        },
        after={"outcome": outcome.value, "order": str(review.order_id) if review.order_id else None},
        reason=reason,
    )
