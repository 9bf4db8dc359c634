"""What an observation of a payment means for its order (docs/billing.md).

The processor's own answer decides, nothing else. A payment's status only goes up in rank, so the same answers in any
order end in the same state; whether an order is activated hangs on the rows of its activation, not on a status.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from nproxy.billing.rules.reviews import Reason
from nproxy.billing.rules.wire import Observation, Status
from nproxy.kit.money import share, times

CURRENCY = "usd"

RANK = {
    Status.WAITING: 0,
    Status.CONFIRMING: 1,
    Status.CONFIRMED: 2,
    Status.SENDING: 3,
    Status.EXPIRED: 4,
    Status.FAILED: 4,
    Status.PARTIALLY_PAID: 5,
    Status.CANCELLED: 5,
    Status.FINISHED: 6,
    Status.REFUNDED: 7,
}
MOVING = frozenset({Status.CONFIRMING, Status.CONFIRMED, Status.SENDING})
ARRIVED = frozenset({Status.FINISHED, Status.PARTIALLY_PAID})
GIVEN_UP = frozenset({Status.EXPIRED, Status.FAILED})


@dataclass(frozen=True, slots=True)
class Bill:
    """An order. `is_closed`: it had expired or been canceled. `is_refunded`: its money was given back."""

    price_cents: int
    is_activated: bool = False
    is_closed: bool = False
    is_refunded: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """An attempt: what we asked for, under which reference. `amount` is None when its answer was lost."""

    ref: str
    payment_id: str
    coin: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of the payment already. `reviewed` holds the reasons for which it was ever put to review."""

    status: Status = Status.WAITING
    actually_paid: Decimal = Decimal(0)
    has_activated: bool = False
    reviewed: frozenset[Reason] = frozenset()

    @property
    def is_settled(self) -> bool:
        return self.has_activated or bool(self.reviewed)


@dataclass(frozen=True, slots=True)
class Activate:
    """The order becomes a cycle. `is_late`: after it had been closed. `surplus`: more came than was asked for."""

    is_late: bool
    surplus: bool


@dataclass(frozen=True, slots=True)
class Review:
    """A person has to decide."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Progress:
    """The payment's status moves; nothing else follows."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """We knew that, or better."""


Decision: TypeAlias = Activate | Review | Progress | Nothing


def advances(known: Known, status: Status, actually_paid: Decimal) -> bool:
    """Whether this status of a payment takes the place of the one we know.

    A higher rank does, and so does a changed amount at the same rank. Money that moves after all brings a payment
    back that had been given up. A status without a rank never does.
    """
    rank, before = RANK.get(status), RANK.get(known.status, 0)
    if rank is None:
        return False
    comes_back = known.status in GIVEN_UP and status in MOVING
    return rank > before or comes_back or (rank == before and actually_paid != known.actually_paid)


def decide(
    bill: Bill | None, ask: Ask | None, known: Known, seen: Observation, tolerance: Decimal
) -> Decision:
    """What to do about a payment that was just read. `tolerance` is a fraction of what was asked for (0.01).

    `bill` and `ask` are None for a payment that belongs to none of our attempts.
    """
    decision = _meaning(bill, ask, known, seen, tolerance)
    if isinstance(decision, Review) and decision.reason in known.reviewed:
        return Progress() if advances(known, seen.status, seen.actually_paid) else Nothing()
    return decision


def _meaning(
    bill: Bill | None, ask: Ask | None, known: Known, seen: Observation, tolerance: Decimal
) -> Decision:
    if known.has_activated and seen.status is Status.FAILED:
        return Review(Reason.TURNED_BAD)
    if seen.status not in RANK:
        return Review(Reason.WRONG_COIN if seen.status is Status.WRONG_ASSET else Reason.UNKNOWN_STATUS)
    unfinished_business = seen.status is known.status and seen.status in ARRIVED and not known.is_settled
    if not (unfinished_business or advances(known, seen.status, seen.actually_paid)):
        return Nothing()
    if seen.status is Status.REFUNDED:
        return Review(Reason.REFUNDED)
    if seen.status in ARRIVED:
        return _arrived(bill, ask, known, seen, tolerance)
    return _not_arrived(known, seen)


def _not_arrived(known: Known, seen: Observation) -> Decision:
    if seen.actually_paid <= 0 or known.is_settled:
        return Progress()
    match seen.status:
        case Status.FAILED:
            return Review(Reason.FAILED_WITH_MONEY)
        case Status.EXPIRED:
            return Review(Reason.EXPIRED_WITH_MONEY)
        case Status.CANCELLED:
            return Review(Reason.UNDERPAID)
    return Progress()


def _arrived(
    bill: Bill | None, ask: Ask | None, known: Known, seen: Observation, tolerance: Decimal
) -> Decision:
    if bill is None or ask is None:
        return Review(Reason.UNKNOWN_PAYMENT)
    if trouble := _stranger(bill, ask, seen):
        return Review(trouble)
    asked = ask.amount if ask.amount is not None else seen.pay_amount
    surplus = seen.actually_paid > times(asked, 1 + tolerance)
    if known.has_activated:
        return Review(Reason.SURPLUS) if surplus else Progress()
    if bill.is_activated or bill.is_refunded:
        return Review(Reason.SECOND_PAYMENT)
    if asked <= 0 or seen.actually_paid < times(asked, 1 - tolerance):
        return Review(Reason.UNDERPAID)
    return Activate(is_late=bill.is_closed, surplus=surplus)


def _stranger(bill: Bill, ask: Ask, seen: Observation) -> Reason | None:
    """What about this payment is not as we ordered it: every check but that of the amount.

    A child's amounts say nothing (it "asks" for whatever came), so it is never more than a case for review.
    """
    if seen.pay_coin != ask.coin:
        return Reason.WRONG_COIN
    if seen.parent_payment_id:
        return Reason.REDEPOSIT
    if seen.payment_id != ask.payment_id:
        return Reason.UNKNOWN_PAYMENT
    if seen.ref != ask.ref:
        return Reason.WRONG_REF
    if (seen.price_cents, seen.price_currency) != (bill.price_cents, CURRENCY):
        return Reason.WRONG_PRICE
    return None


def value_cents(
    price_cents: int, *, paid: Decimal, asked: Decimal | None, valued: int | None, is_child: bool
) -> int | None:
    """What arrived with a payment, in US cents, rounded down; None when nobody can tell.

    A child "asks" for whatever came, so it is worth what the processor says (`valued`), if it does.
    """
    if is_child or asked is None:
        return valued
    return share(price_cents, paid, asked)
