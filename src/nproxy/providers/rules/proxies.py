"""A proxy's health as a state machine, apart from the health of the keys that go out by it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nproxy.providers.rules.verdict import Classified, Verdict

# After so many failed routes in a row a proxy is not tried for so long; then one attempt tries it for all.
FAILED_ROUTES = 3
SKIP = timedelta(seconds=60)
# How fresh `last_success_at` is kept: not every picture needs to write it.
SUCCESS_NOTED = timedelta(seconds=30)

# What is the proxy's fault: the same key may do better without it.
GO_AROUND = frozenset({Verdict.PROXY_FAILED, Verdict.ROUTE_BLOCKED})


@dataclass(frozen=True, slots=True)
class ProxyHealth:
    """`failures`: its last routes that failed, in a row. `skipped_at`: when it was last found out, if it was."""

    failures: int = 0
    skipped_at: datetime | None = None
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_error: str = ""

    def is_skipped(self, now: datetime) -> bool:
        """Whether nobody tries it at `now`."""
        return self.skipped_at is not None and now < self.skipped_at + SKIP


def proxy_after(
    health: ProxyHealth, classified: Classified, *, is_answered: bool, started_at: datetime, now: datetime
) -> ProxyHealth:
    """The proxy's health once an attempt through it, begun at `started_at`, ended as `classified` at `now`.

    Its own failure and a blocked address count against it; an answer (`is_answered`) clears it; a timeout
    behind it says nothing. An attempt from before it was found out changes nothing.
    """
    if health.skipped_at is not None and started_at < health.skipped_at:
        return health
    if classified.verdict in GO_AROUND:
        failures = health.failures + 1
        return replace(
            health,
            failures=failures,
            skipped_at=now if failures >= FAILED_ROUTES else None,
            last_failure_at=now,
            last_error=classified.detail,
        )
    if not is_answered or _is_noted(health, now):
        return health
    return replace(health, failures=0, skipped_at=None, last_success_at=now)


def _is_noted(health: ProxyHealth, now: datetime) -> bool:
    since = health.last_success_at
    return not health.failures and since is not None and now - since < SUCCESS_NOTED
