"""How the pool stands, from few rows: for the operators' home and for metrics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count

from nproxy.providers.models import Attempt, ProviderKey, Proxy, Standing


@dataclass(frozen=True, slots=True)
class KeyState:
    """A key and where it stands now; no secret but its tail. `status` as in queries.KeyLine."""

    id: int
    provider: str
    label: str
    tail: str
    status: str
    reason: str
    since: datetime
    cooldown_until: datetime | None
    in_flight: int


@dataclass(frozen=True, slots=True)
class StandingView:
    """How one provider, key or proxy did over the last `hours`; latencies in seconds, of successes."""

    scope: str
    subject: str
    name: str
    hours: int
    attempts: int
    successes: int
    p50: float | None
    p95: float | None
    measured_at: datetime

    @property
    def success(self) -> float:
        """Percent."""
        return 100 * self.successes / self.attempts if self.attempts else 0.0


@dataclass(frozen=True, slots=True)
class BalancePoint:
    """What was left of a key's money at the end of a stretch of time, in millionths of a USD."""

    key_id: int
    label: str
    at: datetime
    balance_microusd: int


def key_states(now: datetime) -> list[KeyState]:
    """Every key, by provider and label, as it is at `now`."""
    in_flight = dict(
        Attempt.objects.filter(finished_at=None).values_list("key_id").annotate(Count("id")).order_by()
    )
    states = []
    for key in ProviderKey.objects.order_by("provider", "label"):
        health = key.health()
        status = health.status(now)
        until = health.cooldown_until if health.is_cooling(now) else None
        since = (
            health.cooldown_since if status == "cooldown" and health.cooldown_since else health.state_since
        )
        states.append(
            KeyState(
                key.pk,
                key.provider,
                key.label,
                key.tail,
                status,
                health.state_reason,
                since,
                until,
                in_flight.get(key.pk, 0),
            )
        )
    return states


def standings() -> list[StandingView]:
    """As the clock measured them last: 1, 24 and 168 hours. A removed key is not among them."""
    names = {
        "provider": dict[str, str](),
        "key": {str(pk): label for pk, label in ProviderKey.objects.values_list("id", "label")},
        "proxy": {"0": "direct"} | {str(pk): name for pk, name in Proxy.objects.values_list("id", "name")},
    }
    return [
        StandingView(
            row.scope,
            row.subject,
            names[row.scope].get(row.subject, row.subject),
            row.hours,
            row.attempts,
            row.successes,
            row.p50,
            row.p95,
            row.measured_at,
        )
        for row in Standing.objects.order_by("scope", "subject", "hours")
        if row.scope == "provider" or row.subject in names[row.scope]
    ]


_BALANCES = """
    SELECT DISTINCT ON (reading.key_id, stretch) reading.key_id, key.label, reading.at, reading.balance_microusd,
           floor(extract(epoch FROM reading.at) / 21600) AS stretch
    FROM providers_balancereading AS reading JOIN providers_providerkey AS key ON key.id = reading.key_id
    WHERE reading.at >= %s AND reading.balance_microusd IS NOT NULL
    ORDER BY reading.key_id, stretch, reading.at DESC
"""


def balances_since(since: datetime) -> Iterable[BalancePoint]:
    """The last reading of each key in each six hours, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES, [since])
        return [BalancePoint(*row[:4]) for row in cursor.fetchall()]
