"""What may be asked about keys. No secret ever leaves through here: only its last four characters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q

from nproxy.providers.models import Attempt, ProviderKey
from nproxy.providers.rules import CAPABILITIES, Verdict
from nproxy.providers.rules.health import COOLDOWN

RECENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key as an operator sees it. `status` is one of active, cooldown, out_of_funds, manual_review,
    disabled; attempts, successes and the last error are of the last 24 hours."""

    id: int
    provider: str
    label: str
    account: str
    tail: str
    status: str
    status_reason: str
    cooldown_until: datetime | None
    failures: int
    in_flight: int
    attempts: int
    successes: int
    last_used_at: datetime | None
    last_error: str


def keys(now: datetime) -> list[KeyLine]:
    """Every key, in the order of their turns, as it is at `now`."""
    recent = Attempt.objects.filter(Q(started_at__gte=now - RECENT) | Q(finished_at=None))
    uses = {row["key"]: row for row in recent.values("key").annotate(**_COUNTS)}
    failed = recent.filter(finished_at__isnull=False).exclude(verdict=Verdict.SUCCESS)
    errors = {
        attempt.key_id: f"{attempt.verdict} {attempt.detail}".strip()
        for attempt in failed.order_by("key", "-id").distinct("key")
    }
    return [
        _line(key, uses.get(key.pk, {}), errors.get(key.pk, ""), now)
        for key in ProviderKey.objects.order_by("id")
    ]


_COUNTS = {
    "in_flight": Count("id", filter=Q(finished_at=None)),
    "attempts": Count("id"),
    "successes": Count("id", filter=Q(verdict=Verdict.SUCCESS)),
    "last_used_at": Max("started_at"),
}


def _line(key: ProviderKey, use: Mapping[str, Any], last_error: str, now: datetime) -> KeyLine:
    health = key.health()
    status = health.status(now)
    return KeyLine(
        id=key.pk,
        provider=key.provider,
        label=key.label,
        account=key.account,
        tail=key.tail,
        status=status,
        status_reason=health.state_reason,
        cooldown_until=health.cooldown_until if status == COOLDOWN else None,
        failures=health.failures,
        in_flight=use.get("in_flight", 0),
        attempts=use.get("attempts", 0),
        successes=use.get("successes", 0),
        last_used_at=use.get("last_used_at"),
        last_error=last_error,
    )


def next_eligible_at(
    pool: str, now: datetime, *, tried: Collection[int] = (), without: Collection[str] = ()
) -> datetime | None:
    """When the pool next has an eligible key that is not in `tried`: `now` if it has one already, else the
    end of the shortest cooldown, None when only an operator can help."""
    candidates = ProviderKey.objects.filter(
        provider__in=CAPABILITIES[pool].providers - set(without), state=ProviderKey.State.ACTIVE
    ).exclude(id__in=tried)
    if candidates.filter(Q(cooldown_until=None) | Q(cooldown_until__lte=now)).exists():
        return now
    moment: datetime | None = candidates.aggregate(moment=Min("cooldown_until"))["moment"]
    return moment
