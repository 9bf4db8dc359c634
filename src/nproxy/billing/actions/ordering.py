"""What a person does: order, choose a coin, cancel. And what the clock does: let orders lapse."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from nproxy.billing import attempts, changes, letters, offers
from nproxy.billing.actions.refusal import Refused
from nproxy.billing.models import CoinOffer, Order, Payment, PaymentAttempt
from nproxy.billing.processors import processor, takes_payments
from nproxy.billing.rules.wire import Status as Wire
from nproxy.kit.ids import new_id
from nproxy.subscriptions import queries as subscriptions

Status = Order.Status
State = PaymentAttempt.State

# An order without an address lapses after a day; with one, when its address does.
UNDECIDED = timedelta(days=1)
# Each attempt is a payment at the processor that is watched for weeks.
MAX_ATTEMPTS = 12
# Ordering and cancelling without end would be the same with more rows.
DAY = timedelta(days=1)
MAX_UNPAID_A_DAY = 8
MAX_ATTEMPTS_A_DAY = 30


class NothingForSale(Refused):
    pass


class CheckoutClosed(Refused):
    pass


class UnknownOrder(Refused):
    pass


class NotPossible(Refused):
    pass


class CoinUnavailable(Refused):
    pass


class BelowMinimum(Refused):
    pass


class TooManyAttempts(Refused):
    pass


class TooManyToday(Refused):
    pass


def place_order(*, user_id: int, terms_version: str, now: datetime) -> UUID:
    """Order the active plan as it is now, under these terms. A person's open order, if there is one, is the answer.

    Raises NothingForSale, CheckoutClosed, TooManyToday.
    """
    if not takes_payments():
        raise CheckoutClosed
    if found := _open_order(user_id):
        return found
    try:
        return _place(user_id, terms_version, now)
    except IntegrityError:  # another tab was faster
        if found := _open_order(user_id):
            return found
        raise


@transaction.atomic
def _place(user_id: int, terms_version: str, now: datetime) -> UUID:
    plan = subscriptions.active_plan()
    if plan is None or plan.price_cents < 1:
        raise NothingForSale
    given_up = Order.objects.filter(user_id=user_id, status__in=changes.CLOSED, created_at__gt=now - DAY)
    if given_up.count() >= MAX_UNPAID_A_DAY:
        raise TooManyToday
    order = Order.objects.create(
        id=new_id(),
        user_id=user_id,
        plan_name=plan.name,
        sales_text=plan.sales_text,
        price_cents=plan.price_cents,
        request_limit=plan.request_limit,
        terms_version=terms_version,
        created_at=now,
        status_at=now,
        open_until=now + UNDECIDED,
    )
    offers.ask_if_stale(now)
    changes.show(order)
    return order.pk


def _open_order(user_id: int) -> UUID | None:
    return Order.objects.filter(user_id=user_id, status=Status.OPEN).values_list("pk", flat=True).first()


@transaction.atomic
def choose_coin(*, user_id: int, order_id: UUID, coin: str, now: datetime) -> int:
    """Pay the order in `coin`; the attempt's ordinal. The worker gets the address, the page says "preparing".

    An attempt in that coin whose quote still holds is taken up again. Raises UnknownOrder, NotPossible,
    CoinUnavailable, BelowMinimum, TooManyAttempts, TooManyToday, CheckoutClosed.
    """
    if not takes_payments():
        raise CheckoutClosed
    order = _mine(user_id, order_id)
    if order.status != Status.OPEN or changes.has_money(order):
        raise NotPossible(order_id)
    attempt = _usable(order, coin, now)
    if attempt is None:
        _check_coin(coin, order)
        _check_zeal(order, now)
        attempt = attempts.new(order, coin=coin, processor=processor().name, now=now)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(chosen_at=now)
    Order.objects.filter(pk=order_id, open_until__lt=now + UNDECIDED).update(open_until=now + UNDECIDED)
    changes.show(order)
    return attempt.ordinal


def _usable(order: Order, coin: str, now: datetime) -> PaymentAttempt | None:
    """An attempt in this coin that is being prepared, or whose amount is still good."""
    for attempt in order.attempts.filter(coin=coin).order_by("-ordinal"):
        if attempt.state in {State.CREATING, State.ASKING}:
            return attempt
        ends_at = attempt.quote_ends_at or attempt.address_ends_at
        if attempt.state != State.OPEN or (ends_at and ends_at <= now):
            continue
        if Payment.objects.filter(attempt=attempt, status=Wire.WAITING.value).exists():
            return attempt
    return None


def _check_coin(coin: str, order: Order) -> None:
    offer = CoinOffer.objects.filter(code=coin).first()
    if offer is None:
        raise CoinUnavailable(coin)
    if offer.minimum_cents is not None and offer.minimum_cents > order.price_cents:
        raise BelowMinimum(coin)


def _check_zeal(order: Order, now: datetime) -> None:
    if order.attempts.count() >= MAX_ATTEMPTS:
        raise TooManyAttempts(order.pk)
    today = PaymentAttempt.objects.filter(order__user_id=order.user_id, created_at__gt=now - DAY)
    if today.count() >= MAX_ATTEMPTS_A_DAY:
        raise TooManyToday(order.pk)


@transaction.atomic
def cancel_order(*, user_id: int, order_id: UUID, now: datetime) -> None:
    """Close an order that no money has come for. What comes later all the same counts as on an open one.

    Raises UnknownOrder, NotPossible.
    """
    order = _mine(user_id, order_id)
    if changes.has_money(order) or not changes.move(order, Status.CANCELED, out_of=(Status.OPEN,), now=now):
        raise NotPossible(order_id)
    changes.show(order)


def expire_orders(*, now: datetime) -> int:
    """Close orders whose time is over and that no money has come for; how many. Called by the clock."""
    lapsed = Order.objects.filter(status=Status.OPEN, open_until__lte=now).order_by("open_until")
    return sum(_expire(order_id, now) for order_id in lapsed.values_list("pk", flat=True)[:500])


@transaction.atomic
def _expire(order_id: UUID, now: datetime) -> bool:
    order = changes.locked(order_id)
    if order.open_until > now or changes.has_money(order):
        return False
    if not changes.move(order, Status.EXPIRED, out_of=(Status.OPEN,), now=now):
        return False
    if order.attempts.filter(state=State.OPEN).exists():
        letters.expired(order, now)
    changes.show(order)
    return True


def _mine(user_id: int, order_id: UUID) -> Order:
    """The person's order, locked. Raises UnknownOrder."""
    order = Order.objects.select_for_update().filter(pk=order_id, user_id=user_id).first()
    if order is None:
        raise UnknownOrder(order_id)
    return order
