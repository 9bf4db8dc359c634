"""How much was drawn, and how well: figures for operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from nproxy.generations.models import Generation

Status = Generation.Status
# The person's wish, not the service: another one would have been drawn.
DECLINED = ("content_policy", "invalid_request", "no_image")


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Ends within a span. What the model declined is nobody's failure; `failed` is ours or the provider's."""

    succeeded: int
    failed: int
    declined: int
    canceled: int

    @property
    def success(self) -> float | None:
        """The share of pictures among what could have become one, None without any."""
        tried = self.succeeded + self.failed
        return self.succeeded / tried if tried else None


def outcomes(since: datetime, until: datetime) -> Outcomes:
    """What ended from `since` on, before `until`."""
    ended = Generation.objects.filter(finished_at__gte=since, finished_at__lt=until)
    declined = Q(error_code__in=DECLINED)
    counts = ended.aggregate(
        succeeded=Count("id", filter=Q(status=Status.SUCCEEDED)),
        failed=Count("id", filter=Q(status=Status.FAILED) & ~declined),
        declined=Count("id", filter=Q(status=Status.FAILED) & declined),
        canceled=Count("id", filter=Q(status=Status.CANCELED)),
    )
    return Outcomes(**counts)
