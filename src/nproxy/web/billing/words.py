"""Where an order stands, in words: what happened, what happens next, and that nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nproxy.billing import actions as billing
from nproxy.billing.rules.reviews import Reason
from nproxy.billing.rules.states import State
from nproxy.subscriptions import actions as subscriptions


@dataclass(frozen=True, slots=True)
class Case:
    """`kind` colours it (here, good, warn, calm); `name` is the state in a word or two, for lists."""

    kind: str
    name: Promise
    heading: Promise
    lines: tuple[Promise, ...]


# Said of all money in review, also beside a plan that is paid.
LOOKED_AT = _("A person looks at every such case and writes to you. You need not do anything.")

CASES: dict[State, Case] = {
    State.CHOOSE: Case(
        "here",
        _("Not paid yet"),
        _("How do you want to pay?"),
        (_("Choose a coin and the network it travels on. You see the address and the exact amount next."),),
    ),
    State.PREPARING: Case(
        "here",
        _("Preparing"),
        _("Preparing your address"),
        (_("This takes a few seconds. The page moves on by itself."),),
    ),
    State.TROUBLE: Case(
        "warn",
        _("Choose again"),
        _("That did not work in this coin"),
        (
            _("Nothing was charged. Choose another coin, or try the same one again in a few minutes."),
            _("If you have sent something already, keep this order: it is used when it arrives."),
        ),
    ),
    State.WAITING: Case(
        "here",
        _("Waiting for your payment"),
        _("Send the payment"),
        (_("We watch for it. You may close this page: the address is in your mail too."),),
    ),
    State.SEEN: Case(
        "good",
        _("Seen on the network"),
        _("We see your payment"),
        (
            _(
                "The network has to confirm it, which takes from seconds to an hour. The time limits no longer matter."
            ),
            _("There is nothing left for you to do. You may close this page; we write when it is done."),
        ),
    ),
    State.CONFIRMING: Case(
        "good",
        _("Confirming"),
        _("Your payment is confirmed"),
        (_("It is on its way into our wallet. Your plan starts by itself in a few minutes."),),
    ),
    State.ACTIVE: Case("good", _("Paid"), _("Paid. Thank you"), ()),
    State.OVERPAID: Case(
        "good",
        _("Paid, with a surplus"),
        _("Paid, and more came than was due"),
        (_("Your plan is paid. The surplus is safe with us."), LOOKED_AT),
    ),
    State.LATE: Case(
        "good",
        _("Paid"),
        _("Paid. Thank you"),
        (
            _(
                "Your payment came after this order had been closed. It was used all the same: nothing is lost."
            ),
        ),
    ),
    State.UNDERPAID: Case(
        "warn",
        _("Short, we look at it"),
        _("Your payment arrived, but it is short"),
        (
            _("It is safe with us. This often happens when an exchange takes its fee out of the amount."),
            LOOKED_AT,
            _("Please do not send the rest to the same address: it would arrive as a payment of its own."),
        ),
    ),
    State.REVIEW: Case(
        "warn",
        _("We look at it"),
        _("Your payment arrived, and a person looks at it"),
        (_("Something about it was not as expected. It is safe with us, and nothing is lost."), LOOKED_AT),
    ),
    State.EXPIRED: Case(
        "calm",
        _("Expired"),
        _("This order has expired"),
        (
            _("No payment arrived in time, so nothing was charged."),
            _(
                "If you have sent it already, do nothing: it is used for this order when it arrives, however late."
            ),
        ),
    ),
    State.CANCELED: Case(
        "calm",
        _("Cancelled"),
        _("This order is cancelled"),
        (_("If you have sent a payment already, do nothing: it is used for this order when it arrives."),),
    ),
    State.CLOSED: Case(
        "calm",
        _("Closed"),
        _("This order is closed"),
        (
            _("A person has looked at it and closed it. It did not start a month."),
            _("If you see that differently, answer one of our mails and name this order."),
        ),
    ),
    State.REFUNDED: Case(
        "calm",
        _("Refunded"),
        _("This payment goes back to you"),
        (_("The order is closed."),),
    ),
}

# Why a person looks at money, for the person whose money it is (billing.rules.reviews.Reason).
REVIEWS: dict[str, Promise] = {
    Reason.SURPLUS: _("More arrived than was due."),
    Reason.SECOND_PAYMENT: _(
        "A second payment arrived for this order, which was paid already. It is safe with us."
    ),
    Reason.ALREADY_QUEUED: _(
        "You have a month waiting already, and only one can wait. This payment is safe with us."
    ),
    Reason.REDEPOSIT: _("Another payment came to an address that had been used before. It is safe with us."),
    Reason.WRONG_COIN: _("Another coin arrived than the one that was asked for."),
    Reason.FAILED_WITH_MONEY: _(
        "The payment service could not finish this payment, although money has arrived."
    ),
    Reason.EXPIRED_WITH_MONEY: _("Money arrived, but the payment service had stopped waiting for it."),
    Reason.TURNED_BAD: _("The payment service took back its word that this payment is complete."),
}

# Why there is no address (billing.queries.AttemptView.failure).
FAILURES: dict[str, Promise] = {
    "below_minimum": _("This network takes no payments as small as this one right now."),
    "coin_unavailable": _("The payment service does not take this coin right now."),
    "unreachable": _("The payment service does not answer."),
    "no_answer": _("The payment service did not answer."),
    "number_taken": _(
        "The payment service gave an answer that cannot be right, so we show you no address of it."
    ),
}

# The ladder: each rung with the states in which one stands on it.
RUNGS: tuple[tuple[Promise, frozenset[State]], ...] = (
    (
        _("Waiting"),
        frozenset(
            {State.CHOOSE, State.PREPARING, State.TROUBLE, State.WAITING, State.EXPIRED, State.CANCELED}
        ),
    ),
    (_("Seen on the network"), frozenset({State.SEEN})),
    (
        _("Confirming"),
        frozenset({State.CONFIRMING, State.UNDERPAID, State.REVIEW, State.CLOSED, State.REFUNDED}),
    ),
    (_("Active"), frozenset({State.ACTIVE, State.OVERPAID, State.LATE})),
)

REFUSALS: dict[type[Exception], Promise] = {
    billing.NothingForSale: _("Nothing is for sale right now. Please come back a little later."),
    billing.CheckoutClosed: _("Paying is not available yet. Please come back a little later."),
    billing.NotPossible: _("That is not possible any more. This page shows how things stand."),
    billing.CoinUnavailable: _("This coin cannot be used right now. Choose another one."),
    billing.BelowMinimum: _("The network's minimum for this coin is above the price. Choose another one."),
    billing.TooManyAttempts: _("Too many tries for one order. Cancel it, and begin a new one."),
    billing.TooManyToday: _(
        "You have begun many payments today without sending one. Addresses you were given stay good; a new one is"
        " possible again within a day. If something does not work, answer one of our mails."
    ),
    billing.BadAddress: _("This is no address on that network. Copy it from your wallet, whole."),
    billing.TooManyAddresses: _(
        "Many addresses were given for this order. Answer one of our mails to change it."
    ),
    subscriptions.AlreadyQueued: _("Your next month is paid already. One can wait, not more."),
    subscriptions.NothingQueued: _("No month is waiting to be started."),
}
