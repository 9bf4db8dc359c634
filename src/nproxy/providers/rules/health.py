"""A key's health as a state machine: (health, verdict, when the attempt began, now) → health.

Only an operator brings a key back from `out_of_funds`, `manual_review` or `disabled` (docs/routing.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from nproxy.providers.rules.verdict import Classified, Verdict

ACTIVE = "active"
COOLDOWN = "cooldown"
OUT_OF_FUNDS = "out_of_funds"
MANUAL_REVIEW = "manual_review"
DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class KeyHealth:
    """`cooldown` is no stored state: it is `active` with `cooldown_until` ahead of now.

    `cooldown_since` outlives its cooldown, so that attempts from before it stay known as old.
    `failures` counts consecutive retryable failures, once per recovery. `suspect` is the generation whose
    5xx began the cooldown: perhaps it, and not the key, is to blame.
    """

    state: str
    state_since: datetime
    state_reason: str = ""
    cooldown_since: datetime | None = None
    cooldown_until: datetime | None = None
    failures: int = 0
    suspect: UUID | None = None

    def status(self, now: datetime) -> str:
        """What to call it: the state, or `cooldown`."""
        return COOLDOWN if self.state == ACTIVE and self.is_cooling(now) else self.state

    def is_eligible(self, now: datetime) -> bool:
        """Whether the key may be leased."""
        return self.status(now) == ACTIVE

    def predates(self, started_at: datetime) -> bool:
        """Whether an attempt begun at `started_at` met the key as it is now; an older one is stale news.

        An attempt of the very moment a cooldown began is older: during it the key is not leased.
        """
        return self.state_since <= started_at and (
            self.cooldown_since is None or self.cooldown_since < started_at
        )

    def is_cooling(self, at: datetime) -> bool:
        """Whether a cooldown was, or will be, running at `at`."""
        return self.cooldown_until is not None and at < self.cooldown_until


@dataclass(frozen=True, slots=True)
class Limits:
    """`cooldown` is the default length; more than `max_failures` failures ask for a person."""

    cooldown: timedelta
    max_failures: int


def health_after(
    health: KeyHealth,
    classified: Classified,
    *,
    started_at: datetime,
    now: datetime,
    limits: Limits,
    suspect: UUID | None = None,
) -> KeyHealth:
    """The key's health once an attempt begun at `started_at` has ended as `classified` at `now`.

    A stale attempt and a key that is not active change nothing. `suspect`: the attempt's generation, given
    when the provider answered it with a 5xx.
    """
    if health.state != ACTIVE or not health.predates(started_at):
        return health
    after = health
    match classified.verdict:
        case Verdict.SUCCESS:
            after = replace(health, failures=0, cooldown_until=None, suspect=None)
        case Verdict.USER_ERROR:  # the provider answered
            after = replace(health, failures=0)
        case Verdict.RETRYABLE if health.is_cooling(now):  # a last resort: this cooldown is counted already
            after = replace(health, suspect=health.suspect if suspect else None)
        case Verdict.RETRYABLE:
            after = _failed(health, classified, now, limits, suspect)
        case Verdict.RATE_LIMITED:
            after = _cooled(health, _limited_until(health, classified, now, limits), now)
        case Verdict.OUT_OF_FUNDS:
            after = _stopped(health, OUT_OF_FUNDS, classified.detail, now)
        case Verdict.KEY_REJECTED:
            after = _stopped(health, MANUAL_REVIEW, classified.detail, now)
    return after


def out_with_account(health: KeyHealth, first: KeyHealth) -> KeyHealth:
    """The health of an active key whose account ran out of money as `first`, another key of it, found out."""
    return _stopped(health, OUT_OF_FUNDS, first.state_reason, first.state_since)


def health_at_balance(
    health: KeyHealth, remaining_microusd: int | None, *, asked_at: datetime, now: datetime
) -> KeyHealth:
    """The key's health once its provider, asked at `asked_at`, has told what is left of its money.

    Nothing left stops an active key; something left brings none back, that is an operator's to do.
    """
    is_empty = remaining_microusd is not None and remaining_microusd <= 0
    if not is_empty or health.state != ACTIVE or asked_at < health.state_since:
        return health
    return _stopped(health, OUT_OF_FUNDS, "the provider tells a balance of zero or less", now)


def returned_to_service(now: datetime, *, reason: str) -> KeyHealth:
    """A key that an operator vouches for: active, no failures, whatever it was before."""
    return KeyHealth(state=ACTIVE, state_since=now, state_reason=reason)


def _failed(
    health: KeyHealth, classified: Classified, now: datetime, limits: Limits, suspect: UUID | None
) -> KeyHealth:
    failures = health.failures + 1
    if failures > limits.max_failures:
        reason = f"{failures} failures in a row, the last: {classified.detail}"
        return _stopped(replace(health, failures=failures), MANUAL_REVIEW, reason, now)
    return replace(_cooled(health, now + limits.cooldown, now), failures=failures, suspect=suspect)


def _limited_until(health: KeyHealth, classified: Classified, now: datetime, limits: Limits) -> datetime:
    until = classified.until or now + (classified.retry_after or limits.cooldown)
    return max(until, health.cooldown_until or until)


def _cooled(health: KeyHealth, until: datetime, now: datetime) -> KeyHealth:
    return replace(health, cooldown_since=now, cooldown_until=until, suspect=None)


def _stopped(health: KeyHealth, state: str, reason: str, now: datetime) -> KeyHealth:
    return replace(
        health, state=state, state_since=now, state_reason=reason, cooldown_until=None, suspect=None
    )
