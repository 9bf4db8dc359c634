"""Which key next, and when to stop. Pure; the verdicts' table is in docs/routing.md."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from nproxy.providers.rules import Classified, Verdict
from nproxy.providers.rules.proxies import GO_AROUND

MAX_NO_IMAGES = 2
MAX_LAST_RESORTS = 2
# After so many answers that a provider is overloaded, the other providers' keys go first.
OVERLOADS = 2
COOLING_THE_POOL = 3
LONGEST_WAIT_IN_LINE = timedelta(seconds=30)


class Attempted(Protocol):
    """An attempt as the rules see it: which key, and over which road."""

    @property
    def key_id(self) -> int: ...

    @property
    def provider(self) -> str: ...

    @property
    def by_proxy(self) -> bool: ...

    @property
    def may_go_direct(self) -> bool:
        """Whether it went through a proxy that may be gone around."""

    @property
    def is_last_resort(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Trail:
    """What one generation has been through. Each key is tried at most once.

    `without`: providers that would refuse this request with any key. `overloads`: the provider of each
    answer about overload. `retryables` counts keys that failed retryably in turn.
    """

    tried: frozenset[int] = frozenset()
    without: frozenset[str] = frozenset()
    overloads: tuple[str, ...] = ()
    no_images: int = 0
    retryables: int = 0
    last_resorts: int = 0
    last: Verdict | None = None

    def after(self, attempt: Attempted, classified: Classified) -> Trail:
        """The trail with one more attempt on it. What a proxy spoilt says nothing of the key behind it."""
        verdict = classified.verdict
        unbroken = self.retryables if is_proxys_fault(attempt, verdict) else 0
        is_new_resort = attempt.is_last_resort and attempt.key_id not in self.tried
        return replace(
            self,
            tried=self.tried | {attempt.key_id},
            without=self.without | {attempt.provider} if verdict is Verdict.MISCONFIGURED else self.without,
            overloads=(*self.overloads, attempt.provider) if classified.is_overload else self.overloads,
            no_images=self.no_images + (verdict is Verdict.NO_IMAGE),
            retryables=self.retryables + 1 if verdict is Verdict.RETRYABLE else unbroken,
            last_resorts=self.last_resorts + is_new_resort,
            last=verdict,
        )

    @property
    def later(self) -> frozenset[str]:
        """Providers whose keys go last: they have said twice that they are overloaded."""
        return frozenset(each for each in self.overloads if self.overloads.count(each) >= OVERLOADS)

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


@dataclass(frozen=True, slots=True)
class Directly:
    """Try the same key without its proxy, at once."""


@dataclass(frozen=True, slots=True)
class LastResort:
    """Nobody is eligible: try one that another generation's 5xx took out."""


def is_proxys_fault(attempt: Attempted, verdict: Verdict) -> bool:
    """Whether the road failed, or an address was refused that is the proxy's."""
    return attempt.by_proxy and verdict in GO_AROUND


def next_step(trail: Trail, attempt: Attempted, classified: Classified) -> Done | NextKey | Directly | Stop:
    """What follows an attempt; `trail` has it already."""
    match classified.verdict:
        case Verdict.SUCCESS:
            return Done()
        case Verdict.USER_ERROR:
            return Stop(classified.user_code or "invalid_request")
        case Verdict.NO_IMAGE if trail.no_images >= MAX_NO_IMAGES:
            return Stop("no_image")
        case verdict if is_proxys_fault(attempt, verdict) and attempt.may_go_direct:
            return Directly()
    return NextKey()


def when_no_key(
    trail: Trail, *, eligible_at: datetime | None, now: datetime
) -> WaitInLine | LastResort | Stop:
    """What follows when no key is eligible; `eligible_at` is when one that was not tried will be, if any.

    A generation that has had no image does not wait for its second try.
    """
    if trail.last is Verdict.NO_IMAGE:
        return Stop("no_image")
    if eligible_at is not None and eligible_at - now <= LONGEST_WAIT_IN_LINE:
        return WaitInLine(eligible_at)
    if trail.last_resorts < MAX_LAST_RESORTS:
        return LastResort()
    return given_up(trail)


def given_up(trail: Trail) -> Stop:
    """The end of a generation that no key is left for."""
    return Stop("internal" if trail.last is Verdict.MISCONFIGURED else "service_unavailable")
