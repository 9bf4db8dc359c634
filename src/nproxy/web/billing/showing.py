"""Orders as pages draw them, and as JSON tells them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from nproxy.billing import queries as billing
from nproxy.billing.rules.states import ACTIVE_STATES, FINAL_STATES, State
from nproxy.kit.ids import short_code
from nproxy.kit.money import dollars
from nproxy.web.billing import qr
from nproxy.web.billing.words import CASES, FAILURES, LOOKED_AT, REVIEWS, RUNGS, Case

# Where a payment may be under way, or may come: the ladder is shown.
ON_THE_LADDER = frozenset(State) - {
    State.CHOOSE,
    State.EXPIRED,
    State.CANCELED,
    State.CLOSED,
    State.REFUNDED,
}
# Where a person may still choose how to pay.
CHOOSING = frozenset({State.CHOOSE, State.TROUBLE, State.WAITING})


@dataclass(frozen=True, slots=True)
class Rung:
    """`standing` is done, here or ahead."""

    name: Promise
    standing: str


@dataclass(frozen=True, slots=True)
class Looked:
    """Money that a person looks at. `why` is said here only where `explanation` has not said it already."""

    money: billing.PaidWith
    seen_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """An order with everything its page says. `moves`: something may still change by itself.

    `explanation` is why a person looks at its money, or why an address was not to be had, "" without a reason.
    `looked_at` is what they look at, but for what stands on the page as the attempt's own money.
    """

    order: billing.OrderView
    code: str
    price: str
    case: Case
    explanation: str
    looked_at: list[Looked]
    rungs: list[Rung]
    qr: SafeString | None
    other_attempts: list[billing.AttemptView]
    is_quote_over: bool
    moves: bool
    can_choose: bool
    is_active: bool


def shown(order: billing.OrderView, now: datetime) -> ShownOrder:
    """The order as its page draws it."""
    quote_ends_at = order.attempt.quote_ends_at if order.attempt else None
    return ShownOrder(
        order=order,
        code=short_code(order.id),
        price=dollars(order.price_cents),
        case=CASES[order.state],
        explanation=_explanation(order),
        looked_at=list(_looked_at(order)),
        rungs=rungs(order.state) if order.state in ON_THE_LADDER else [],
        qr=_code(order.attempt) if order.state is State.WAITING and order.attempt else None,
        other_attempts=[each for each in order.attempts if each.address and each != order.attempt],
        is_quote_over=quote_ends_at is not None and quote_ends_at <= now,
        moves=order.state not in FINAL_STATES,
        can_choose=order.state in CHOOSING,
        is_active=order.state in ACTIVE_STATES,
    )


def _explanation(order: billing.OrderView) -> str:
    if order.review:
        reason = str(REVIEWS.get(order.review, ""))
        is_said = order.state not in {State.ACTIVE, State.LATE}  # by the state's own words
        return reason if is_said else f"{reason} {LOOKED_AT}".strip()
    if order.state is State.TROUBLE and order.attempt:
        return str(FAILURES.get(order.attempt.failure, ""))
    return ""


def _looked_at(order: billing.OrderView) -> Iterator[Looked]:
    shown = order.attempt.payment_id if order.attempt and order.attempt.received else ""
    for part in order.looked_at:
        if part.payment_id != shown:
            why = "" if part.reason == order.review else str(REVIEWS.get(part.reason, ""))
            yield Looked(part.money, part.seen_at, why)


def rungs(state: State) -> list[Rung]:
    """The four rungs, seen from `state`. On the last one all are done."""
    here = next(number for number, (_name, states) in enumerate(RUNGS) if state in states)
    if state in ACTIVE_STATES:
        here += 1
    return [
        Rung(name, "done" if number < here else "here" if number == here else "ahead")
        for number, (name, _states) in enumerate(RUNGS)
    ]


def _code(attempt: billing.AttemptView) -> SafeString | None:
    if not attempt.qr_text:
        return None
    return qr.svg(attempt.qr_text, _("QR code of the address, for a wallet's camera"))


def order_json(order: billing.OrderView) -> dict[str, Any]:
    """An order as `GET /billing/orders/<id>/` and `GET /updates/` tell it."""
    attempt = order.attempt
    return {
        "id": order.id,
        "status": order.status,
        "state": order.state,
        "price_cents": order.price_cents,
        "plan": order.plan_name,
        "review": order.review,
        "created_at": order.created_at,
        "payment": attempt_json(attempt) if attempt else None,
    }


def attempt_json(attempt: billing.AttemptView) -> dict[str, Any]:
    """How an order is being paid. Amounts are text, as one types them into a wallet."""
    return {
        "coin": attempt.coin,
        "network": attempt.network,
        "address": attempt.address,
        "memo": attempt.memo,
        "amount": attempt.amount,
        "received": attempt.received,
        "quote_ends_at": attempt.quote_ends_at,
        "address_ends_at": attempt.address_ends_at,
    }
