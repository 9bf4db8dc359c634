"""What cannot report itself is looked at from here: workers, the clock, the rate of failures; and what has ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from nproxy.assets import actions as assets
from nproxy.bot import rules
from nproxy.bot.rules import Condition, KeyNow, PoolNow
from nproxy.generations import queries as generations
from nproxy.kit import queue
from nproxy.notifications import actions as notifications
from nproxy.notifications import queries as news
from nproxy.providers import queries as providers
from nproxy.providers.rules import CAPABILITIES

RATE_OVER = timedelta(minutes=10)


def _rate(now: datetime) -> Condition | None:
    ends = generations.outcomes(now - RATE_OVER, now)
    return rules.rate_condition(ends.succeeded, ends.failed)


# Each kind that is looked at from here, and how. Whoever has something to watch adds a line; `backup.late` is
# known to the words and the rules already.
CONDITIONS: dict[str, Callable[[datetime], Condition | None]] = {
    "workers.silent": lambda now: rules.workers_condition(queue.workers_alive(now)),
    "clock.late": lambda now: rules.clock_condition(queue.last_tick(), now),
    "generations.error_rate": _rate,
}


def watch(now: datetime) -> None:
    """Alert to what is wrong and not open yet; tell the end of what is open and no longer wrong."""
    for kind, look in CONDITIONS.items():
        _settle(kind, look(now), now)
    _tell_ends(now)


def _settle(kind: str, condition: Condition | None, now: datetime) -> None:
    found = next((one.standing for one in news.open_incidents() if one.standing.kind == kind), None)
    if condition is None:
        if found is not None and found.recovered_at is None:
            notifications.recovered(kind=kind, text="All is well again.", subject=found.subject, now=now)
        return
    if found is None or found.recovered_at is not None or found.severity != condition.severity:
        notifications.alert(
            kind=kind,
            text=condition.text,
            subject=condition.subject,
            severity=condition.severity,
            now=now,
        )


def _tell_ends(now: datetime) -> None:
    """Keys, proxies and pools report their trouble themselves, but not its end: that may be the clock's doing."""
    still = [one.standing for one in news.open_incidents() if one.standing.recovered_at is None]
    if any(each.kind.startswith(("keys.", "proxies.")) for each in still):
        pool = _pool(now)
        for each in still:
            if (text := rules.end_of(each, pool, now)) is not None:
                notifications.recovered(kind=each.kind, subject=each.subject, text=text, now=now)
    if any(each.kind == "assets.store_full" for each in still) and assets.has_room():
        notifications.recovered(kind="assets.store_full", text="There is room again.", now=now)


def _pool(now: datetime) -> PoolNow:
    return PoolNow(
        keys={
            key.label: KeyNow(key.status, key.balance_microusd, key.low_balance_microusd)
            for key in providers.keys(now)
        },
        skipped_proxies={proxy.name for proxy in providers.proxies(now) if proxy.status == "skipped"},
        open_pools={pool for pool in CAPABILITIES if providers.next_eligible_at(pool, now) == now},
    )
