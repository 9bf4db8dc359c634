"""Alerts become incidents: what belongs together, when it is told, told again, and told to be over.

An incident is everything about one subject of one kind (`keys.out_of_funds`, "main 1") until it is closed.
The waits are Alertmanager's defaults: 30 seconds before the first message, 5 minutes between two changes of
it, 4 hours before it is repeated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

FIRST_AFTER = timedelta(seconds=30)
CHANGED_AT_MOST_EVERY = timedelta(minutes=5)
REPEATED_AFTER = timedelta(hours=4)
OVER_AFTER = timedelta(hours=4)
HUSHED_FOR = timedelta(hours=4)

SEVERITIES = ("info", "warning", "critical")
CRITICAL = "critical"

# What lasts until something, or somebody, ends it. Everything else has happened and is over.
LASTING = frozenset(
    {
        "assets.store_full",
        "backup.late",
        "clock.late",
        "generations.error_rate",
        "keys.cooldown",
        "keys.low_balance",
        "keys.manual_review",
        "keys.out_of_funds",
        "keys.pool_exhausted",
        "proxies.failing",
        "worker.silent",
        "workers.silent",
    }
)
# While the first lasts, the others would only say the same again: what they begin with.
SILENCES = {
    "keys.pool_exhausted": ("keys.", "proxies.", "generations.error_rate"),
    "workers.silent": ("clock.late", "worker.silent"),
}


class Step(Enum):
    """What to do about an incident now."""

    NOTHING = "nothing"
    TELL = "tell"
    CHANGE = "change"
    TELL_RECOVERY = "tell_recovery"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One alert, or the news that its trouble is over."""

    at: datetime
    severity: str
    text: str
    is_recovery: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How an incident stands: what has happened, and what of it has been told.

    `told_at` is the last message of its own, `touched_at` the last message or change of one.
    """

    kind: str
    subject: str
    severity: str
    text: str
    count: int
    opened_at: datetime
    last_at: datetime
    recovered_at: datetime | None = None
    recovery: str = ""
    told_at: datetime | None = None
    touched_at: datetime | None = None
    told_severity: str = ""
    told_count: int = 0
    hushed_until: datetime | None = None

    @property
    def is_lasting(self) -> bool:
        return self.kind in LASTING

    @property
    def is_critical(self) -> bool:
        return self.severity == CRITICAL

    @property
    def is_worse_than_told(self) -> bool:
        return SEVERITIES.index(self.severity) > SEVERITIES.index(self.told_severity or self.severity)


def fold(
    kind: str, subject: str, standing: Standing | None, occurrences: Iterable[Occurrence]
) -> Standing | None:
    """The incident after these occurrences, in their order; None when nothing is open and nothing opens.

    The severity is the worst so far, the text the latest of the worst. What happens again has not recovered.
    """
    for one in occurrences:
        if one.is_recovery:
            standing = standing and replace(standing, recovered_at=one.at, recovery=one.text)
        elif standing is None:
            standing = Standing(kind, subject, one.severity, one.text, 1, one.at, one.at)
        else:
            standing = _again(standing, one)
    return standing


def _again(standing: Standing, one: Occurrence) -> Standing:
    is_milder = SEVERITIES.index(one.severity) < SEVERITIES.index(standing.severity)
    return replace(
        standing,
        severity=standing.severity if is_milder else one.severity,
        text=standing.text if is_milder else one.text,
        count=standing.count + 1,
        last_at=max(standing.last_at, one.at),
        recovered_at=None,
        recovery="",
    )


def is_silenced(kind: str, open_kinds: Collection[str]) -> bool:
    """Whether something bigger that is open says it already."""
    return any(
        loud != kind and kind.startswith(silenced)
        for loud, silenced in SILENCES.items()
        if loud in open_kinds
    )


def next_step(standing: Standing, *, now: datetime, is_quiet: bool, is_silenced: bool) -> Step:
    """What to do now. In quiet hours, and while something bigger speaks, only what is critical is told."""
    if standing.told_at is None or standing.touched_at is None:
        return _first_step(standing, now, is_held=is_silenced or (is_quiet and not standing.is_critical))
    is_held = (is_quiet or is_silenced) and not standing.is_critical
    if standing.recovered_at is not None:
        return Step.NOTHING if is_held else Step.TELL_RECOVERY
    if standing.is_worse_than_told:
        return Step.NOTHING if is_held else Step.TELL
    if not standing.is_lasting and now - standing.last_at >= OVER_AFTER:
        return Step.CLOSE
    if standing.hushed_until is not None and now < standing.hushed_until:
        return Step.NOTHING
    if _is_worth_repeating(standing, now) and not is_held:
        return Step.TELL
    has_grown = standing.count > standing.told_count
    return Step.CHANGE if has_grown and now - standing.touched_at >= CHANGED_AT_MOST_EVERY else Step.NOTHING


def _first_step(standing: Standing, now: datetime, *, is_held: bool) -> Step:
    """What nobody was told of and is over already is closed without a word."""
    if standing.recovered_at is not None:
        return Step.CLOSE
    is_waiting = is_held or now - standing.opened_at < FIRST_AFTER
    return Step.NOTHING if is_waiting else Step.TELL


def _is_worth_repeating(standing: Standing, now: datetime) -> bool:
    is_due = standing.told_at is not None and now - standing.told_at >= REPEATED_AFTER
    return standing.is_lasting and standing.severity != "info" and is_due
