"""Orders on their way, made without a network: what a person, the worker and the processor would have done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from nproxy.accounts.models import User
from nproxy.audit.rules import Actor
from nproxy.billing import actions as billing
from nproxy.billing import attempts, settlement
from nproxy.billing.models import Activation, CoinOffer, Order, Payment, PaymentAttempt, Review
from nproxy.billing.rules.settlement import Decision
from nproxy.billing.rules.wire import CreatedPayment, Observation, Status
from nproxy.subscriptions import actions as subscriptions

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OPERATOR = Actor(kind="cli", name="ops", origin="test")
PRICE = 1900
LIMIT = 7_391_827  # a number that turns up nowhere by chance
ASKED = Decimal("19.0115")
COIN = "usdttrc20"

_numbers = count(5_000_000_001)


@dataclass(frozen=True)
class Sale:
    """An order with an address, as the rooms know it."""

    user_id: int
    order_id: UUID
    attempt_id: UUID
    payment_id: str
    coin: str = COIN

    def seen(self, status: Status, paid: Decimal = Decimal(0), **changes: Any) -> Observation:
        """The payment as the processor would show it."""
        honest = Observation(
            payment_id=self.payment_id,
            ref=str(self.attempt_id),
            status=status,
            status_word=status.value,
            price_cents=PRICE,
            price_currency="usd",
            pay_coin=self.coin,
            pay_amount=ASKED,
            actually_paid=paid,
        )
        return replace(honest, **changes)

    def reads(
        self,
        status: Status,
        paid: Decimal = Decimal(0),
        *,
        told_by: str = "event",
        at: datetime = NOW,
        **changes: Any,
    ) -> Decision:
        """The processor was asked, and said so."""
        observation = self.seen(status, paid, **changes)
        return settlement.record(observation, processor="nowpayments", told_by=told_by, now=at)

    def child(self, status: Status, paid: Decimal, coin: str = COIN, **changes: Any) -> Observation:
        """Money sent to the address once more: a payment of its own that "asks" for what came."""
        number = str(next(_numbers))
        return self.seen(
            status,
            paid,
            payment_id=number,
            parent_payment_id=self.payment_id,
            pay_coin=coin,
            pay_amount=paid,
            **changes,
        )

    @property
    def order(self) -> Order:
        return Order.objects.get(pk=self.order_id)

    @property
    def payment(self) -> Payment:
        return Payment.objects.get(payment_id=self.payment_id)

    @property
    def activations(self) -> int:
        return Activation.objects.filter(order_id=self.order_id).count()

    @property
    def open_reviews(self) -> list[str]:
        rows = Review.objects.filter(order_id=self.order_id, resolved_at=None).order_by("pk")
        return list(rows.values_list("reason", flat=True))


def make_person() -> int:
    return User.objects.create_user(f"{uuid4().hex}@example.com").pk


def make_plan(price_cents: int = PRICE) -> None:
    subscriptions.set_plan(
        name="Studio", price_cents=price_cents, request_limit=LIMIT, sales_text="", actor=OPERATOR, now=NOW
    )


def make_coins(*codes: str) -> None:
    for position, code in enumerate(codes or (COIN, "btc")):
        CoinOffer.objects.update_or_create(
            code=code,
            defaults={
                "position": position,
                "ticker": code[:4],
                "name": code,
                "network": "trx",
                "network_name": "Tron (TRC-20)",
                "minimum_cents": 300,
                "minimum_amount": Decimal(3),
                "refreshed_at": NOW,
            },
        )


def place(user_id: int, at: datetime = NOW) -> UUID:
    return billing.place_order(user_id=user_id, terms_version="2026-11", now=at)


def answer(attempt_id: UUID, coin: str = COIN, at: datetime = NOW) -> CreatedPayment:
    number = str(next(_numbers))
    return CreatedPayment(
        payment_id=number,
        ref=str(attempt_id),
        address=f"T{number}",
        memo="",
        pay_amount=ASKED,
        pay_coin=coin,
        network="trx",
        quote_ends_at=at + timedelta(minutes=20),
        expires_at=at + timedelta(days=7),
    )


def prepare(user_id: int, order_id: UUID, coin: str = COIN, at: datetime = NOW) -> Sale:
    """Choose a coin, and the processor answers."""
    ordinal = billing.choose_coin(user_id=user_id, order_id=order_id, coin=coin, now=at)
    attempt = PaymentAttempt.objects.get(order_id=order_id, ordinal=ordinal)
    assert attempts.begin(attempt.pk, "key", at) is not None
    made = answer(attempt.pk, coin, at)
    assert attempts.answered(attempt.pk, made, at)
    return Sale(user_id, order_id, attempt.pk, made.payment_id, coin)


def sell(user_id: int | None = None, coin: str = COIN, at: datetime = NOW) -> Sale:
    """An order with an address, waiting for its money."""
    buyer = user_id or make_person()
    return prepare(buyer, place(buyer, at), coin, at)
