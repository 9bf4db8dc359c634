"""What may be asked about keys and proxies. No secret ever leaves through here: only a key's last four characters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Aggregate, Count, DurationField, F, Max, Q, Sum

from nproxy.providers.figures import Failure, failures, key_ids, spent
from nproxy.providers.models import Attempt, ProviderKey, Proxy
from nproxy.providers.rules import CAPABILITIES, Verdict
from nproxy.providers.rules.health import COOLDOWN
from nproxy.providers.rules.proxies import GO_AROUND, SKIP
from nproxy.providers.rules.telling import OFFERED_BY
from nproxy.providers.standing import (
    BalancePoint,
    KeyState,
    StandingView,
    balances_since,
    key_states,
    standings,
)

__all__ = [
    "BalancePoint",
    "Failure",
    "KeyLine",
    "KeyState",
    "ProxyLine",
    "StandingView",
    "balances_since",
    "failures",
    "key_ids",
    "key_states",
    "keys",
    "next_eligible_at",
    "proxies",
    "spent",
    "standings",
]

RECENT = timedelta(hours=24)
# How soon to look again at a key that is at its own cap, if nobody calls earlier.
CAPS_SECOND = timedelta(seconds=1)
# What stands in the place of a balance that is no number.
UNKNOWN = "unknown"
NOT_OFFERED = "not offered"


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key as an operator sees it. `status` is one of active, cooldown, out_of_funds, manual_review,
    disabled; attempts, successes, the median seconds of a picture, cost and the last error are of the last 24
    hours.

    Money is in millionths of a USD. `balance` is "known", "unknown" (the key has no limit, or nobody has
    asked yet) or "not offered" (its provider has no way to ask); the figure is there only when known.
    """

    id: int
    provider: str
    label: str
    account: str
    proxy: str
    tail: str
    max_in_flight: int | None
    max_per_minute: int | None
    status: str
    status_reason: str
    cooldown_until: datetime | None
    failures: int
    in_flight: int
    attempts: int
    successes: int
    seconds: float | None
    cost_microusd: int
    last_used_at: datetime | None
    last_error: str
    balance: str
    balance_microusd: int | None
    balance_at: datetime | None
    balance_error: str
    low_balance_microusd: int | None


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
        for key in ProviderKey.objects.order_by("id").select_related("proxy")
    ]


class Median(Aggregate):
    """Of durations."""

    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


_COUNTS = {
    "in_flight": Count("id", filter=Q(finished_at=None)),
    "attempts": Count("id"),
    "successes": Count("id", filter=Q(verdict=Verdict.SUCCESS)),
    "median": Median(F("finished_at") - F("started_at"), filter=Q(verdict=Verdict.SUCCESS)),
    "cost": Sum("cost_microusd"),
    "last_used_at": Max("started_at"),
}


def _line(key: ProviderKey, use: Mapping[str, Any], last_error: str, now: datetime) -> KeyLine:
    health = key.health()
    status, median = health.status(now), use.get("median")
    return KeyLine(
        id=key.pk,
        provider=key.provider,
        label=key.label,
        account=key.account,
        proxy=key.proxy.name if key.proxy else "",
        tail=key.tail,
        max_in_flight=key.max_in_flight,
        max_per_minute=key.max_per_minute,
        status=status,
        status_reason=health.state_reason,
        cooldown_until=health.cooldown_until if status == COOLDOWN else None,
        failures=health.failures,
        in_flight=use.get("in_flight", 0),
        attempts=use.get("attempts", 0),
        successes=use.get("successes", 0),
        seconds=None if median is None else round(median.total_seconds(), 2),
        cost_microusd=use.get("cost") or 0,
        last_used_at=use.get("last_used_at"),
        last_error=last_error,
        balance=_balance(key),
        balance_microusd=key.balance_microusd,
        balance_at=key.balance_at,
        balance_error=key.balance_error,
        low_balance_microusd=key.low_balance_microusd,
    )


def _balance(key: ProviderKey) -> str:
    if key.provider not in OFFERED_BY:
        return NOT_OFFERED
    return UNKNOWN if key.balance_microusd is None else "known"


def next_eligible_at(
    pool: str, now: datetime, *, tried: Collection[int] = (), without: Collection[str] = ()
) -> datetime | None:
    """When the pool next has an eligible key that is not in `tried`: `now` if it has one already, a second
    later if all that keeps one away is its own cap, else the end of the shortest cooldown (or of the time
    that its required proxy is skipped); None when only an operator can help."""
    candidates = (
        ProviderKey.objects.filter(
            provider__in=CAPABILITIES[pool].providers - set(without), state=ProviderKey.State.ACTIVE
        )
        .exclude(id__in=tried)
        .select_related("proxy")
    )
    ready = {key: _ready_at(key, now) for key in candidates}
    at_caps = _at_caps([key for key, moment in ready.items() if moment <= now], now)
    return min(
        (now + CAPS_SECOND if key.pk in at_caps else moment for key, moment in ready.items()), default=None
    )


def _ready_at(key: ProviderKey, now: datetime) -> datetime:
    moments = [now]
    if key.cooldown_until is not None:
        moments.append(key.cooldown_until)
    if key.proxy is not None and key.proxy.is_required and key.proxy.skipped_at is not None:
        moments.append(key.proxy.skipped_at + SKIP)
    return max(moments)


def _at_caps(keys: Collection[ProviderKey], now: datetime) -> set[int]:
    capped = [key for key in keys if key.max_in_flight is not None or key.max_per_minute is not None]
    if not capped:
        return set()
    uses = Attempt.objects.filter(key__in=capped).values("key").order_by()
    in_flight = dict(uses.filter(finished_at=None).values_list("key").annotate(Count("id")))
    a_minute_ago = now - timedelta(minutes=1)
    lately = dict(uses.filter(started_at__gt=a_minute_ago).values_list("key").annotate(Count("id")))
    return {
        key.pk
        for key in capped
        if (key.max_in_flight is not None and in_flight.get(key.pk, 0) >= key.max_in_flight)
        or (key.max_per_minute is not None and lately.get(key.pk, 0) >= key.max_per_minute)
    }


@dataclass(frozen=True, slots=True)
class ProxyLine:
    """One proxy as an operator sees it, without its credentials. `status` is `in use` or `skipped`; routes,
    failures and the median seconds of an answered one are of the last 24 hours."""

    id: int
    name: str
    address: str
    is_required: bool
    status: str
    keys: tuple[str, ...]
    routes: int
    failed: int
    seconds: float | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_error: str


def proxies(now: datetime) -> list[ProxyLine]:
    """Every proxy, oldest first, as it is at `now`."""
    with connection.cursor() as cursor:
        cursor.execute(_ROUTES, [[*GO_AROUND], [*GO_AROUND], now - RECENT])
        uses = {row[0]: row[1:] for row in cursor.fetchall()}
    return [
        _proxy_line(proxy, uses.get(proxy.pk, (0, 0, None)), now)
        for proxy in Proxy.objects.order_by("id").prefetch_related("keys")
    ]


_ROUTES = """
    SELECT proxy_id, count(*), count(*) FILTER (WHERE verdict = ANY(%s)),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at))
               FILTER (WHERE verdict <> ALL(%s))
    FROM providers_attempt
    WHERE proxy_id IS NOT NULL AND finished_at IS NOT NULL AND started_at >= %s
    GROUP BY proxy_id
"""


def _proxy_line(proxy: Proxy, use: tuple[int, int, float | None], now: datetime) -> ProxyLine:
    health = proxy.health()
    routes, failed, seconds = use
    return ProxyLine(
        id=proxy.pk,
        name=proxy.name,
        address=proxy.address,
        is_required=proxy.is_required,
        status="skipped" if health.is_skipped(now) else "in use",
        keys=tuple(key.label for key in proxy.keys.all()),
        routes=routes,
        failed=failed,
        seconds=None if seconds is None else round(seconds, 2),
        last_success_at=health.last_success_at,
        last_failure_at=health.last_failure_at,
        last_error=health.last_error,
    )
