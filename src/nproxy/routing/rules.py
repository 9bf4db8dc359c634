"""Which key next, and when to stop. Pure; the verdict's table is product.md §5.3."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nproxy.providers.rules import Classified, Verdict

MAX_NO_IMAGES = 2
COOLING_THE_POOL = 3
LONGEST_WAIT_IN_LINE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Trail:
    """What one generation has been through. Each key is tried at most once.

    `without`: providers that would refuse this request with any key. `retryables` counts keys that failed
    retryably in turn.
    """

    tried: frozenset[int] = frozenset()
    without: frozenset[str] = frozenset()
    no_images: int = 0
    retryables: int = 0
    last: Verdict | None = None

    def after(self, *, key_id: int, provider: str, verdict: Verdict) -> Trail:
        """The trail with one more attempt on it."""
        return replace(
            self,
            tried=self.tried | {key_id},
            without=self.without | {provider} if verdict is Verdict.MISCONFIGURED else self.without,
            no_images=self.no_images + (verdict is Verdict.NO_IMAGE),
            retryables=self.retryables + 1 if verdict is Verdict.RETRYABLE else 0,
            last=verdict,
        )

    @property
    def is_cooling_the_pool(self) -> bool:
        """Whether this very request has just failed on its third key in turn: perhaps it is to blame."""
        return self.last is Verdict.RETRYABLE and self.retryables == COOLING_THE_POOL


@dataclass(frozen=True, slots=True)
class Done:
    """There is a picture."""


@dataclass(frozen=True, slots=True)
class NextKey:
    """Try the next eligible key."""


@dataclass(frozen=True, slots=True)
class WaitInLine:
    """Nobody is eligible, but somebody will be at `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """Give up, for the reason that the person may know."""

    code: str


def next_step(trail: Trail, classified: Classified) -> Done | NextKey | Stop:
    """What follows an attempt; `trail` has it already."""
    match classified.verdict:
        case Verdict.SUCCESS:
            return Done()
        case Verdict.USER_ERROR:
            return Stop(classified.user_code or "invalid_request")
        case Verdict.NO_IMAGE if trail.no_images >= MAX_NO_IMAGES:
            return Stop("no_image")
    return NextKey()


def when_no_key(trail: Trail, *, eligible_at: datetime | None, now: datetime) -> WaitInLine | Stop:
    """What follows when no key is eligible; `eligible_at` is when one that was not tried will be, if any.

    A generation that has had no image does not wait for its second try.
    """
    if trail.last is Verdict.NO_IMAGE:
        return Stop("no_image")
    if eligible_at is not None and eligible_at - now <= LONGEST_WAIT_IN_LINE:
        return WaitInLine(eligible_at)
    return Stop("internal" if trail.last is Verdict.MISCONFIGURED else "service_unavailable")
