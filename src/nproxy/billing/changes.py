"""What every change of an order is made of: its lock, a guarded status, its version.

Lock order: the order's row, then its payments, then the cycles and quotas of the person, then the receipt counter,
then the person's version.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.core.cache import cache
from django.db.models import Q

from nproxy.billing.models import Activation, Order, Payment
from nproxy.billing.rules.settlement import ARRIVED, MOVING
from nproxy.kit import live
from nproxy.notifications import actions as notifications

Status = Order.Status
CLOSED = (Status.EXPIRED, Status.CANCELED)
ALERT_PAUSE_SECONDS = 3600


def locked(order_id: UUID) -> Order:
    """The order's row, and nobody else's until the transaction ends. Raises Order.DoesNotExist."""
    return Order.objects.select_for_update().get(pk=order_id)


def move(order: Order, to: Order.Status, *, out_of: Collection[Order.Status], now: datetime) -> bool:
    """Give the order another status if it is in one of `out_of`; whether it was."""
    moved = Order.objects.filter(pk=order.pk, status__in=out_of).update(status=to, status_at=now)
    if moved:
        order.status, order.status_at = to, now
    return bool(moved)


def show(order: Order) -> None:
    """Make the change visible to the person's pages: the last step of a transaction."""
    order.version = live.bump(order.user_id)
    Order.objects.filter(pk=order.pk).update(version=order.version)


def is_activated(order: Order) -> bool:
    """Whether the order has its cycle."""
    return Activation.objects.filter(order=order).exists()


def has_money(order: Order) -> bool:
    """Whether money for this order is on its way, or has come."""
    under_way = Q(status__in=[*MOVING, *ARRIVED]) | Q(actually_paid__gt=0)
    return Payment.objects.filter(under_way, attempt__order=order).exists()


def alert_hourly(*, kind: str, text: str, now: datetime) -> None:
    """Tell the operator about a condition that lasts, at most once an hour."""
    if cache.add(f"billing.alert.{kind}", value=True, timeout=ALERT_PAUSE_SECONDS):
        notifications.alert(kind=kind, text=text, now=now)
