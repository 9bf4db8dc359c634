"""Why money waits for a person's decision, and what they may decide."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a payment was not simply turned into the cycle it was meant for."""

    UNDERPAID = "underpaid"  # short by more than the tolerance
    SURPLUS = "surplus"  # its order was activated; this much more came than was asked for
    SECOND_PAYMENT = "second_payment"  # its order was activated by other money
    ALREADY_QUEUED = "already_queued"  # a cycle waits behind the current one, and there is at most one
    REDEPOSIT = "redeposit"  # sent again to an address that was used before
    WRONG_COIN = "wrong_coin"  # another coin or network than was asked for
    WRONG_PRICE = "wrong_price"  # the processor's price is not the order's
    WRONG_REF = "wrong_ref"  # the processor's reference is not the attempt's
    FAILED_WITH_MONEY = "failed_with_money"
    EXPIRED_WITH_MONEY = "expired_with_money"
    UNKNOWN_STATUS = "unknown_status"  # a word that we do not know
    UNKNOWN_PAYMENT = "unknown_payment"  # not one of ours, as far as we know
    UNREADABLE = "unreadable"  # a signed callback told of it, and the processor does not show it
    REFUNDED = "refunded"  # the processor gave it back
    TURNED_BAD = "turned_bad"  # it was activated, and failed afterwards
    BY_HAND = "by_hand"  # an operator's own wish


class Outcome(StrEnum):
    """What became of a review. `SUPERSEDED` is not decided by anyone: later news of the payment took its place."""

    NEXT_CYCLE = "next_cycle"
    ACCEPT = "accept"
    REFUND = "refund"
    CLOSE = "close"
    SUPERSEDED = "superseded"


DECISIONS = (Outcome.NEXT_CYCLE, Outcome.ACCEPT, Outcome.REFUND, Outcome.CLOSE)

# Money that has turned out not to be there, or to be gone again, buys nothing.
_WITHOUT_MONEY = frozenset({Reason.REFUNDED, Reason.TURNED_BAD})


def outcomes(reason: Reason, *, has_order: bool, is_activated: bool) -> tuple[Outcome, ...]:
    """What may be decided about a review, the likeliest first.

    `accept`: take the money for what was ordered, however it came; for an order that has its cycle: keep it.
    `next_cycle`: let it buy a cycle of its own. `refund`: write down that it goes back. `close`: nothing of it.
    Money without an order buys something once an order is named.
    """
    if reason in _WITHOUT_MONEY:
        return (Outcome.CLOSE,)
    if not has_order:
        return (Outcome.REFUND, Outcome.CLOSE, Outcome.NEXT_CYCLE)
    if is_activated:
        return (Outcome.NEXT_CYCLE, Outcome.REFUND, Outcome.ACCEPT, Outcome.CLOSE)
    return (Outcome.ACCEPT, Outcome.NEXT_CYCLE, Outcome.REFUND, Outcome.CLOSE)
