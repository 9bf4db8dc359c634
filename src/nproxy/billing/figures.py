"""What was sold within a span: figures for operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum

from nproxy.billing.models import Activation


@dataclass(frozen=True, slots=True)
class Revenue:
    """Orders that became cycles, and their prices in US cents."""

    orders: int
    cents: int


def revenue(since: datetime, until: datetime) -> Revenue:
    """What was activated from `since` on, before `until`."""
    sold = Activation.objects.filter(activated_at__gte=since, activated_at__lt=until)
    sums = sold.aggregate(orders=Count("pk"), cents=Sum("order__price_cents"))
    return Revenue(sums["orders"], sums["cents"] or 0)
