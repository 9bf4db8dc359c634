"""What the bot decides without asking anyone: which troubles are over, and which conditions are one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nproxy.notifications.rules.incidents import Standing

CLOCK_LATE_AFTER = timedelta(minutes=5)
# Fewer ends than these say nothing about a rate.
ENOUGH_ENDS = 20
MANY_FAIL, MOST_FAIL = 0.2, 0.5
# An exhausted pool that has a key again is believed after a minute without another complaint.
POOL_CALM = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is so now, and should not be."""

    kind: str
    severity: str
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class WorkerNow:
    """A worker process that has not left: whether it was heard of lately, and when last."""

    host: str
    pid: int
    started_at: datetime
    seen_at: datetime
    is_alive: bool

    @property
    def name(self) -> str:
        return f"{self.host} {self.pid}"


@dataclass(frozen=True, slots=True)
class KeyNow:
    """A key as its incidents are measured by."""

    status: str
    balance_microusd: int | None
    low_balance_microusd: int | None


@dataclass(frozen=True, slots=True)
class PoolNow:
    """Keys and proxies by their labels, and the pools that have a key to give."""

    keys: Mapping[str, KeyNow]
    skipped_proxies: Collection[str]
    open_pools: Collection[str]


def workers_conditions(workers: Sequence[WorkerNow]) -> list[Condition]:
    """No worker alive; or one that fell silent without leaving, and that none on its host has followed."""
    if not any(worker.is_alive for worker in workers):
        text = (
            "No worker gives a sign of life. Nothing is drawn and no mail is sent. Look at `nproxy worker`."
        )
        return [Condition("workers.silent", "critical", text)]
    lost = [one for one in workers if not one.is_alive and not any(_follows(each, one) for each in workers)]
    return [
        Condition(
            "worker.silent",
            "warning",
            f"A worker on {one.host} gives no sign of life since {one.seen_at:%H:%M} UTC; others go on.",
            one.name,
        )
        for one in lost
    ]


def _follows(one: WorkerNow, lost: WorkerNow) -> bool:
    return one.host == lost.host and one.started_at > lost.started_at


def clock_conditions(last_tick: datetime | None, now: datetime) -> list[Condition]:
    """The timetable puts something into the queue every fifteen seconds, while a worker runs."""
    if last_tick is not None and now - last_tick < CLOCK_LATE_AFTER:
        return []
    since = f"since {last_tick:%H:%M} UTC" if last_tick else "yet"
    text = f"The timetable has run nothing {since}: no sweeps, no polls for payments, no reminders."
    return [Condition("clock.late", "critical", text)]


def rate_conditions(succeeded: int, failed: int) -> list[Condition]:
    """Too many failures among the ends of the last ten minutes."""
    ends = succeeded + failed
    if ends < ENOUGH_ENDS or failed < MANY_FAIL * ends:
        return []
    severity = "critical" if failed >= MOST_FAIL * ends else "warning"
    text = f"{failed} of {ends} pictures failed in the last ten minutes ({failed / ends:.0%})."
    return [Condition("generations.error_rate", severity, text)]


def end_of(standing: Standing, pool: PoolNow, now: datetime) -> str | None:
    """Why the trouble of a key, a proxy or a pool is over now, in words; None while it is not."""
    subject = standing.subject
    match standing.kind:
        case "keys.cooldown" | "keys.out_of_funds" | "keys.manual_review":
            return _end_of_key(standing.kind.partition(".")[2], subject, pool.keys.get(subject))
        case "keys.low_balance":
            return _end_of_low_balance(subject, pool.keys.get(subject))
        case "proxies.failing" if subject not in pool.skipped_proxies:
            return f"Proxy {subject} is in use again."
        case "keys.pool_exhausted" if subject in pool.open_pools and now - standing.last_at >= POOL_CALM:
            return "A key is in service again."
    return None


def _end_of_key(trouble: str, label: str, key: KeyNow | None) -> str | None:
    if key is None:
        return f"Key {label} is gone from the pool."
    if key.status == trouble:
        return None
    return f"Key {label} is {'in service again' if key.status == 'active' else key.status.replace('_', ' ')}."


def _end_of_low_balance(label: str, key: KeyNow | None) -> str | None:
    if key is None:
        return f"Key {label} is gone from the pool."
    balance, threshold = key.balance_microusd, key.low_balance_microusd
    if balance is not None and threshold is not None and balance <= threshold:
        return None
    return f"Key {label} has enough again."
