"""What the clock counts of the processor's callbacks: those that were believed, and those in quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min
from django.db.models.functions import TruncHour

from nproxy.billing.models import PaymentEvent, QuarantinedEvent
from nproxy.kit import tally

ROOM = "billing"
STORED, QUARANTINED = "stored", "quarantined"


def count_callbacks(*, now: datetime) -> None:
    """Bring the total `webhooks` (result) up to date."""
    tally.advance(ROOM, now=now, first=_first, count=_received)


def _first() -> datetime | None:
    firsts = [
        model.objects.aggregate(at=Min("received_at"))["at"] for model in (PaymentEvent, QuarantinedEvent)
    ]
    return min((at for at in firsts if at), default=None)


def _received(since: datetime, until: datetime) -> Iterator[tally.Counted]:
    for model, result in ((PaymentEvent, STORED), (QuarantinedEvent, QUARANTINED)):
        received = model.objects.filter(received_at__gt=since, received_at__lte=until)
        by_hour = received.values_list(TruncHour("received_at")).annotate(Count("pk")).order_by()
        for hour, count in by_hour:
            yield tally.Counted("webhooks", (result,), hour, None, count, 0)
