"""What a person can pay with, and where to: coins on offer, and attempts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from nproxy.billing.models import CoinOffer, Payment, PaymentAttempt, Review
from nproxy.billing.offers import network_of
from nproxy.billing.processors import processor
from nproxy.billing.rules import links
from nproxy.billing.rules.networks import in_words
from nproxy.kit.money import coin_text, minus


@dataclass(frozen=True, slots=True)
class CoinView:
    """A coin on one network. `is_possible` is False when its minimum is above the price that was asked about.

    `minimum_cents` is about what the minimum is in US cents, None while it is not known.
    """

    code: str
    ticker: str
    name: str
    network: str
    network_name: str
    minimum: str
    minimum_cents: int | None
    is_possible: bool


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One try to pay. Amounts are text as a wallet takes it; `address` is "" until the processor has answered.

    `failure` says why there is none: `below_minimum`, `coin_unavailable`, `unreachable`, `no_answer`,
    `order_closed`, `number_taken`, `key_rejected`, `other`. `status` is the payment's own (`waiting`, `confirming`, …), "" without
    one. `received` is what came in the attempt's own coin, `seen_at` when we first saw it; `missing` is what a short
    payment lacks, "" unless it is short. `play_page` is "" unless this is a sandbox.
    """

    id: UUID
    ordinal: int
    state: str
    failure: str
    coin: str
    ticker: str
    network: str
    address: str
    memo: str
    amount: str
    qr_text: str
    quote_ends_at: datetime | None
    address_ends_at: datetime | None
    status: str
    received: str
    seen_at: datetime | None
    missing: str
    transaction: str
    link: str
    play_page: str
    payment_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PaidWith:
    """The money that bought an order's cycle, as an AttemptView names it; an operator may have accepted any."""

    received: str
    ticker: str
    network: str
    link: str


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Money that a person looks at: why (a word of rules.reviews.Reason), what came, and when we first saw it."""

    payment_id: str
    reason: str
    money: PaidWith
    seen_at: datetime


def paid_with(payment: Payment, tickers: dict[str, str]) -> PaidWith:
    """What came with a payment; `tickers` are the coins' names by code."""
    network = network_of(payment)
    return PaidWith(
        received=coin_text(payment.actually_paid),
        ticker=tickers.get(payment.pay_coin, payment.pay_coin).upper(),
        network=in_words(network),
        link=links.transaction_link(network, payment.transaction),
    )


def looked_at(reviews: Iterable[Review], tickers: dict[str, str]) -> tuple[LookedAt, ...]:
    """The money of those `reviews` that are open, their payments fetched with them."""
    return tuple(
        LookedAt(
            payment_id=review.payment.payment_id,
            reason=review.reason,
            money=paid_with(review.payment, tickers),
            seen_at=review.payment.seen_at or review.payment.found_at,
        )
        for review in reviews
        if review.resolved_at is None and review.payment and review.payment.actually_paid > 0
    )


def coins(price_cents: int | None = None) -> list[CoinView]:
    """The coins on offer, as the processor last told; empty until it has. `price_cents` says which suffice."""
    return [
        CoinView(
            code=one.code,
            ticker=one.ticker,
            name=one.name,
            network=one.network,
            network_name=one.network_name,
            minimum=coin_text(one.minimum_amount) if one.minimum_amount is not None else "",
            minimum_cents=one.minimum_cents,
            is_possible=price_cents is None or one.minimum_cents is None or one.minimum_cents <= price_cents,
        )
        for one in CoinOffer.objects.order_by("position")
    ]


def attempt_view(attempt: PaymentAttempt, tickers: dict[str, str]) -> AttemptView:
    """The attempt, its payments fetched with it; `tickers` are the coins' names by code."""
    payment = next((one for one in attempt.payments.all() if one.payment_id == attempt.payment_id), None)
    is_own_coin = payment is not None and payment.pay_coin in {"", attempt.coin}
    asked, paid = attempt.pay_amount, payment.actually_paid if payment and is_own_coin else Decimal(0)
    return AttemptView(
        id=attempt.pk,
        ordinal=attempt.ordinal,
        state=attempt.state,
        failure=attempt.failure,
        coin=attempt.coin,
        ticker=tickers.get(attempt.coin, attempt.coin).upper(),
        network=in_words(attempt.network),
        address=attempt.address,
        memo=attempt.memo,
        amount=coin_text(asked) if asked is not None else "",
        qr_text=links.qr_text(attempt.coin, attempt.address, asked)
        if asked is not None and attempt.address
        else "",
        quote_ends_at=attempt.quote_ends_at,
        address_ends_at=attempt.address_ends_at,
        status=payment.status if payment else "",
        received=coin_text(paid) if paid > 0 else "",
        seen_at=payment.seen_at if payment and paid > 0 else None,
        missing=coin_text(minus(asked, paid)) if asked is not None and 0 < paid < asked else "",
        transaction=payment.transaction if payment else "",
        link=links.transaction_link(attempt.network, payment.transaction) if payment else "",
        play_page=processor().play_page(attempt.payment_id) if attempt.payment_id else "",
        payment_id=attempt.payment_id or "",
        created_at=attempt.created_at,
    )
