"""What cannot report itself is looked at from here: workers, the clock, the rate of failures; and what has ended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from nproxy.assets import actions as assets
from nproxy.backups import queries as backups
from nproxy.bot import rules
from nproxy.bot.rules import Condition, KeyNow, PoolNow, WorkerNow
from nproxy.generations import queries as generations
from nproxy.kit import presence, queue
from nproxy.notifications import actions as notifications
from nproxy.notifications import queries as news
from nproxy.notifications.rules.incidents import SEVERITIES
from nproxy.providers import queries as providers
from nproxy.providers.rules import CAPABILITIES

RATE_OVER = timedelta(minutes=10)


def _workers(now: datetime) -> Sequence[Condition]:
    found = [one for one in presence.processes(now) if one.kind == "worker"]
    return rules.workers_conditions(
        [WorkerNow(one.host, one.pid, one.started_at, one.seen_at, one.is_alive) for one in found]
    )


def _clock(now: datetime) -> Sequence[Condition]:
    return rules.clock_conditions(queue.last_tick(), now)


def _rate(now: datetime) -> Sequence[Condition]:
    ends = generations.outcomes(now - RATE_OVER, now)
    return rules.rate_conditions(ends.succeeded, ends.failed)


# What is looked at from here: the kinds, and how. Whoever has something to watch adds a line.
LOOKS: tuple[tuple[Collection[str], Callable[[datetime], Sequence[Condition]]], ...] = (
    (("workers.silent", "worker.silent"), _workers),
    (("clock.late",), _clock),
    (("generations.error_rate",), _rate),
)


def watch(now: datetime) -> None:
    """Alert to what is wrong and not open yet; tell the end of what is open and no longer wrong."""
    for kinds, look in LOOKS:
        _settle(kinds, look(now), now)
    _tell_ends(now)


def _settle(kinds: Collection[str], conditions: Sequence[Condition], now: datetime) -> None:
    still = {
        (one.standing.kind, one.standing.subject): one.standing
        for one in news.open_incidents()
        if one.standing.kind in kinds and one.standing.recovered_at is None
    }
    for each in conditions:
        known = still.pop((each.kind, each.subject), None)
        # Not for what got milder: an incident stays as bad as it was at its worst, and would count every look.
        if known is None or SEVERITIES.index(each.severity) > SEVERITIES.index(known.severity):
            notifications.alert(
                kind=each.kind, text=each.text, subject=each.subject, severity=each.severity, now=now
            )
    for kind, subject in still:
        notifications.recovered(kind=kind, subject=subject, text="All is well again.", now=now)


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
    last = backups.last_whole()
    for each in still:
        if each.kind == "backup.late" and last is not None and last > each.last_at:
            notifications.recovered(kind=each.kind, text=f"One began {last:%H:%M} UTC and is whole.", now=now)


def _pool(now: datetime) -> PoolNow:
    return PoolNow(
        keys={
            key.label: KeyNow(key.status, key.balance_microusd, key.low_balance_microusd)
            for key in providers.keys(now)
        },
        skipped_proxies={proxy.name for proxy in providers.proxies(now) if proxy.status == "skipped"},
        open_pools={pool for pool in CAPABILITIES if providers.next_eligible_at(pool, now) == now},
    )
