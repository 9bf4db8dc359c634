"""What calls cost, and which of them failed lately: figures for operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from nproxy.providers.models import Attempt, ProviderKey
from nproxy.providers.rules import Verdict


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that brought no picture: when, with which key (empty for one that is gone), by which way, and why.

    `detail` is redacted, and holds nothing of a person's wish.
    """

    at: datetime
    key: str
    provider: str
    route: str
    verdict: str
    detail: str


def spent(since: datetime, until: datetime) -> int:
    """What the calls from `since` on, begun before `until`, have cost as far as it is known: millionths of a USD."""
    calls = Attempt.objects.filter(started_at__gte=since, started_at__lt=until)
    return calls.aggregate(cost=Sum("cost_microusd"))["cost"] or 0


def failures(limit: int = 10) -> list[Failure]:
    """The newest calls that failed, given-up ones left out."""
    ended = Attempt.objects.filter(finished_at__isnull=False).exclude(
        verdict__in=[Verdict.SUCCESS, Verdict.LOST]
    )
    return [
        Failure(
            at=one.started_at,
            key=one.key.label if one.key else "",
            provider=one.provider,
            route=one.route,
            verdict=one.verdict,
            detail=one.detail,
        )
        for one in ended.select_related("key").order_by("-pk")[:limit]
    ]


def key_ids() -> dict[str, int]:
    """Every key's id by its label."""
    return dict(ProviderKey.objects.values_list("label", "id"))
