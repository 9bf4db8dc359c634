"""Money as its owner sees it: the checkout, the ladder, the history, the receipt. Nothing here tells a limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from nproxy.billing.checkout import (
    AttemptView,
    CoinView,
    LookedAt,
    PaidWith,
    attempt_view,
    coins,
    looked_at,
    paid_with,
)
from nproxy.billing.desk import (
    EventLine,
    PaymentLine,
    RefundLine,
    ReviewLine,
    events,
    payments,
    possible_outcomes,
    refunds,
    review,
    reviews,
)
from nproxy.billing.figures import Revenue, revenue
from nproxy.billing.models import (
    Activation,
    CoinOffer,
    Order,
    Payment,
    PaymentAttempt,
    Receipt,
    Refund,
    Review,
)
from nproxy.billing.offers import network_of, ticker
from nproxy.billing.processors import NEEDED as NEEDED_SETTINGS
from nproxy.billing.processors import missing_settings
from nproxy.billing.processors import takes_payments as is_available
from nproxy.billing.refunds import RefundCase, SentBack, refund_case, sent_back
from nproxy.billing.refunds import address_of as refund_address
from nproxy.billing.rules import links
from nproxy.billing.rules.reviews import Outcome, Reason
from nproxy.billing.rules.settlement import MOVING
from nproxy.billing.rules.states import Standing, State, state, weight
from nproxy.billing.rules.wire import Status
from nproxy.billing.samples import sample_letters
from nproxy.billing.takings import open_reviews, orders_by_status, taken_by_day
from nproxy.kit.money import coin_text
from nproxy.subscriptions import queries as subscriptions
from nproxy.subscriptions.queries import CycleView

__all__ = [
    "NEEDED_SETTINGS",
    "AttemptView",
    "CoinView",
    "EventLine",
    "LookedAt",
    "OrderView",
    "PaidWith",
    "PaymentLine",
    "ReceiptView",
    "RefundCase",
    "RefundLine",
    "Revenue",
    "ReviewLine",
    "SentBack",
    "changed",
    "coins",
    "events",
    "is_available",
    "missing_settings",
    "money_in_flight",
    "open_order",
    "open_reviews",
    "order",
    "orders_by_status",
    "orders_of",
    "payments",
    "possible_outcomes",
    "receipt",
    "refund_address",
    "refund_case",
    "refunds",
    "revenue",
    "review",
    "reviews",
    "sample_letters",
    "sent_back",
    "taken_by_day",
]


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order. `status` is the contract's, `state` the word of the ladder (rules.states).

    `attempt` is the one to look at: that which paid, else whose money is furthest on, else the last one chosen.
    `review` is the reason for which a person looks at the order now, "" if none does, `looked_at` the money that they
    look at. `cycle` is what the order bought, `paid` the money that did, `receipt` that receipt's number.
    """

    id: UUID
    status: str
    state: State
    plan_name: str
    sales_text: str
    price_cents: int
    created_at: datetime
    status_at: datetime
    open_until: datetime
    attempt: AttemptView | None
    attempts: tuple[AttemptView, ...]
    review: str
    looked_at: tuple[LookedAt, ...]
    is_late: bool
    cycle: CycleView | None
    paid: PaidWith | None
    receipt: int | None
    version: int


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """The printable proof. `number` is text with leading zeros; `given_back` is money that went back since, `owed` what
    has been decided to go back and is not sent yet.
    """

    number: str
    order_id: UUID
    issued_at: datetime
    buyer: str
    plan_name: str
    price_cents: int
    coin: str
    network: str
    amount: str
    payment_id: str
    transaction: str
    link: str
    cycle: CycleView | None
    given_back: str
    owed: str


def order(user_id: int, order_id: UUID) -> OrderView | None:
    """This person's order."""
    return next(iter(_views(Order.objects.filter(pk=order_id, user_id=user_id))), None)


def is_order(order_id: UUID) -> bool:
    """Whether there is an order with this id, whoever's."""
    return Order.objects.filter(pk=order_id).exists()


def open_order(user_id: int) -> OrderView | None:
    """The one that is open, if one is."""
    return next(iter(_views(Order.objects.filter(user_id=user_id, status=Order.Status.OPEN))), None)


def orders_of(user_id: int, limit: int = 100) -> list[OrderView]:
    """A person's orders, the newest first."""
    return _views(Order.objects.filter(user_id=user_id).order_by("-created_at", "-pk")[:limit])


def changed(user_id: int, after_version: int) -> list[OrderView]:
    """A person's orders that changed after this version, as the live updates tell them."""
    return _views(Order.objects.filter(user_id=user_id, version__gt=after_version).order_by("version"))


def receipt(user_id: int, order_id: UUID) -> ReceiptView | None:
    """The receipt of this person's order, once it is paid."""
    rows = Receipt.objects.filter(order_id=order_id, order__user_id=user_id)
    found = rows.select_related("order__activation__payment__attempt").first()
    if found is None:
        return None
    activation = found.order.activation
    payment = activation.payment
    network = network_of(payment) if payment else ""
    transaction = payment.transaction if payment else ""
    return ReceiptView(
        number=f"{found.number:06}",
        order_id=order_id,
        issued_at=found.issued_at,
        buyer=found.buyer,
        plan_name=found.plan_name,
        price_cents=found.price_cents,
        coin=found.coin,
        network=found.network,
        amount=coin_text(found.amount) if found.amount is not None else "",
        payment_id=found.payment_id,
        transaction=transaction,
        link=links.transaction_link(network, transaction),
        cycle=subscriptions.period(activation.cycle_id),
        given_back=_amounts(found.order, Refund.State.SENT),
        owed=_amounts(found.order, Refund.State.OWED),
    )


def _amounts(order: Order, state: Refund.State) -> str:
    """The order's refunds in this state, "" without one."""
    refunds = order.refunds.filter(state=state, amount__gt=0).order_by("pk")
    return ", ".join(f"{coin_text(one.amount)} {ticker(one.coin)}" for one in refunds)


def money_in_flight(user_id: int) -> bool:
    """Whether money of this person is under way, waits for a decision or is owed back, or may be on its way to an
    address that an open order shows."""
    mine = Order.objects.filter(user_id=user_id)
    shown = mine.filter(status=Order.Status.OPEN, attempts__isnull=False)
    moving = Payment.objects.filter(attempt__order__user_id=user_id, status__in=MOVING)
    undecided = Review.objects.filter(
        Q(order__user_id=user_id) | Q(payment__attempt__order__user_id=user_id), resolved_at=None
    )
    owed = Refund.objects.filter(
        Q(order__user_id=user_id) | Q(payment__attempt__order__user_id=user_id), state=Refund.State.OWED
    )
    return any(rows.exists() for rows in (shown, moving, undecided, owed))


def _views(orders: QuerySet[Order]) -> list[OrderView]:
    attempts = PaymentAttempt.objects.order_by("-chosen_at", "-ordinal").prefetch_related("payments")
    found = orders.select_related("activation__payment__attempt", "receipt").prefetch_related(
        Prefetch("attempts", attempts),
        Prefetch("reviews", Review.objects.select_related("payment__attempt").order_by("pk")),
    )
    tickers = dict(CoinOffer.objects.values_list("code", "ticker"))
    return [_view(one, tickers) for one in found]


def _view(order: Order, tickers: dict[str, str]) -> OrderView:
    activation: Activation | None = getattr(order, "activation", None)
    attempts = {one.pk: attempt_view(one, tickers) for one in order.attempts.all()}
    leading = _leading(activation, list(attempts.values()))
    paper: Receipt | None = getattr(order, "receipt", None)
    standing = _standing(order, leading, activation)
    return OrderView(
        id=order.pk,
        status=order.status,
        state=state(standing),
        plan_name=order.plan_name,
        sales_text=order.sales_text,
        price_cents=order.price_cents,
        created_at=order.created_at,
        status_at=order.status_at,
        open_until=order.open_until,
        attempt=leading,
        attempts=tuple(attempts.values()),
        review=standing.review.value if standing.review else "",
        looked_at=looked_at(order.reviews.all(), tickers),
        is_late=standing.is_late,
        cycle=subscriptions.period(activation.cycle_id) if activation else None,
        paid=paid_with(activation.payment, tickers) if activation and activation.payment else None,
        receipt=paper.number if paper else None,
        version=order.version,
    )


def _standing(order: Order, leading: AttemptView | None, activation: Activation | None) -> Standing:
    reviews = list(order.reviews.all())
    return Standing(
        order=order.status,
        attempt=leading.state if leading else "",
        payment=Status(leading.status) if leading and leading.status else None,
        is_activated=activation is not None,
        is_late=activation is not None and activation.is_late,
        review=next((Reason(each.reason) for each in reviews if each.resolved_at is None), None),
        was_closed=any(each.outcome == Outcome.CLOSE for each in reviews),
    )


def _leading(activation: Activation | None, attempts: list[AttemptView]) -> AttemptView | None:
    """`attempts` come with the last chosen first."""
    paid = activation.payment.attempt_id if activation and activation.payment else None
    if by_it := [one for one in attempts if one.id == paid]:
        return by_it[0]
    return max(attempts, key=lambda one: weight(Status(one.status) if one.status else None), default=None)
