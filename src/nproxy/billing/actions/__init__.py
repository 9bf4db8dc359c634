"""What may be done about money.

Refused
├── NothingForSale     there is no plan, or it is free
├── CheckoutClosed     no payment processor is set up
├── UnknownOrder       no such order of this person
├── NotPossible        not in this state (any more): closed, or money is under way
├── CoinUnavailable    not on offer (now)
├── BelowMinimum       the coin's minimum is above the price
├── TooManyAttempts    this order has tried often enough; start another
├── TooManyToday       this person has begun often enough without paying; tomorrow again
├── BadAddress         no such address can be on that network
├── TooManyAddresses   this order was given enough addresses for a refund
├── UnknownEvent · UnknownReview · UnknownRefund
├── AlreadyResolved    someone decided about this review before
├── NotOffered         this review has no such outcome, or lacks what it needs
└── StillQueued        a cycle waits already, so no further one can be opened
"""

from __future__ import annotations

from nproxy.billing.actions.ordering import (
    BelowMinimum,
    CheckoutClosed,
    CoinUnavailable,
    NothingForSale,
    NotPossible,
    TooManyAttempts,
    TooManyToday,
    UnknownOrder,
    cancel_order,
    choose_coin,
    expire_orders,
    place_order,
)
from nproxy.billing.actions.receiving import (
    Received,
    UnknownEvent,
    forget_old_bodies,
    receive_event,
    replay,
)
from nproxy.billing.actions.refunding import (
    BadAddress,
    TooManyAddresses,
    confirm_refund_address,
    give_refund_address,
)
from nproxy.billing.actions.refusal import Refused
from nproxy.billing.actions.reviewing import (
    AlreadyResolved,
    NotOffered,
    RefundNote,
    StillQueued,
    UnknownRefund,
    UnknownReview,
    hold_review,
    note_refund,
    open_review,
    resolve,
)
from nproxy.billing.actions.watching import BOOKS, ask_for_report, reconcile, recover
from nproxy.billing.counting import count_callbacks
from nproxy.billing.run import check_processor, refresh_coins
from nproxy.billing.run import poll as poll_due

__all__ = [
    "BOOKS",
    "AlreadyResolved",
    "BadAddress",
    "BelowMinimum",
    "CheckoutClosed",
    "CoinUnavailable",
    "NotOffered",
    "NotPossible",
    "NothingForSale",
    "Received",
    "RefundNote",
    "Refused",
    "StillQueued",
    "TooManyAddresses",
    "TooManyAttempts",
    "TooManyToday",
    "UnknownEvent",
    "UnknownOrder",
    "UnknownRefund",
    "UnknownReview",
    "ask_for_report",
    "cancel_order",
    "check_processor",
    "choose_coin",
    "confirm_refund_address",
    "count_callbacks",
    "expire_orders",
    "forget_old_bodies",
    "give_refund_address",
    "hold_review",
    "note_refund",
    "open_review",
    "place_order",
    "poll_due",
    "receive_event",
    "reconcile",
    "recover",
    "refresh_coins",
    "replay",
    "resolve",
]
