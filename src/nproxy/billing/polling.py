"""Which payments are read next, each claimed so that no two workers read it at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from nproxy.billing.models import Payment
from nproxy.billing.rules.schedule import CLAIM, MINUTE

# About a minute's worth of calls at one a second.
BATCH = 40


@transaction.atomic
def claim(processor: str, now: datetime) -> list[str]:
    """The ids of payments that are due, the longest due first. Each is due again in a while if nobody reads it."""
    due = Payment.objects.filter(processor=processor, next_poll_at__lte=now).order_by("next_poll_at")
    rows = list(due.select_for_update(skip_locked=True).values_list("pk", "payment_id")[:BATCH])
    Payment.objects.filter(pk__in=[pk for pk, _ in rows]).update(
        next_poll_at=now + CLAIM, polls=F("polls") + 1
    )
    return [payment_id for _, payment_id in rows]


def give_back(processor: str, payment_ids: Sequence[str], now: datetime) -> None:
    """Claimed, and could not be read: due again in a minute."""
    claimed = Payment.objects.filter(processor=processor, payment_id__in=payment_ids)
    claimed.update(next_poll_at=now + MINUTE)
