"""What the business takes in, in few rows: for the operators' home and for metrics."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from nproxy.billing.models import Activation, Order, Review


def orders_by_status() -> dict[str, int]:
    """How many orders stand in each status now."""
    return dict(Order.objects.values_list("status").annotate(Count("pk")).order_by())


def taken_by_day(since: datetime) -> dict[date, int]:
    """US cents of the orders that became cycles, by the day on which they did (UTC)."""
    sold = Activation.objects.filter(activated_at__gte=since)
    return dict(sold.values_list(TruncDate("activated_at")).annotate(Sum("order__price_cents")).order_by())


def open_reviews() -> int:
    """How much money waits for a person to decide."""
    return Review.objects.filter(resolved_at=None).count()
