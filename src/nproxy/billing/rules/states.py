"""Where an order stands, in the words of the ladder that its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nproxy.billing.rules.reviews import Reason
from nproxy.billing.rules.settlement import ARRIVED, GIVEN_UP, MOVING
from nproxy.billing.rules.wire import Status


class State(StrEnum):
    """The four rungs are WAITING, SEEN, CONFIRMING, ACTIVE; the others stand beside the ladder."""

    CHOOSE = "choose"  # no coin is chosen yet
    PREPARING = "preparing"  # the address is on its way
    TROUBLE = "trouble"  # no address was to be had, or the payment failed; choose again
    WAITING = "waiting"
    SEEN = "seen"
    CONFIRMING = "confirming"
    ACTIVE = "active"
    OVERPAID = "overpaid"  # active, and more came than was asked for
    LATE = "late"  # active, although the money came after the order had been closed
    UNDERPAID = "underpaid"
    REVIEW = "review"
    EXPIRED = "expired"
    CANCELED = "canceled"
    CLOSED = "closed"  # by a person, who had looked at it
    REFUNDED = "refunded"


ACTIVE_STATES = frozenset({State.ACTIVE, State.OVERPAID, State.LATE})
# Nothing will change by itself any more.
FINAL_STATES = ACTIVE_STATES | {State.EXPIRED, State.CANCELED, State.CLOSED, State.REFUNDED}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a state is made of. `attempt` is the state of the attempt that leads, `payment` its payment's.

    `review` is the reason of the open review, if there is one. `was_closed`: a person decided that nothing follows.
    """

    order: str
    attempt: str = ""
    payment: Status | None = None
    is_activated: bool = False
    is_late: bool = False
    review: Reason | None = None
    was_closed: bool = False


def state(standing: Standing) -> State:
    """The one word for it. Money that moves is shown as moving whatever had become of the order before."""
    if standing.order == "refunded":
        return State.REFUNDED
    if standing.is_activated:
        return _active(standing)
    if standing.order == "review":
        return State.UNDERPAID if standing.review is Reason.UNDERPAID else State.REVIEW
    if standing.payment in MOVING:
        # On the network, and not enough confirmations yet; then enough of them, and on its way to us.
        return State.SEEN if standing.payment is Status.CONFIRMING else State.CONFIRMING
    if standing.order == "canceled" and standing.was_closed:
        return State.CLOSED
    if standing.order in {"expired", "canceled"}:
        return State(standing.order)
    return _open(standing)


def _active(standing: Standing) -> State:
    if standing.review is Reason.SURPLUS:
        return State.OVERPAID
    return State.LATE if standing.is_late else State.ACTIVE


def _open(standing: Standing) -> State:
    match standing.attempt:
        case "":
            return State.CHOOSE
        case "creating" | "asking":
            return State.PREPARING
        case "refused" | "lost":
            return State.TROUBLE
    return State.TROUBLE if standing.payment in GIVEN_UP else State.WAITING


def weight(payment: Status | None) -> int:
    """Which of an order's attempts leads: the one whose money is furthest on; all that only wait weigh the same."""
    if payment in ARRIVED:
        return 2
    return 1 if payment in MOVING else 0
