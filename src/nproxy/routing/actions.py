"""One generation, one key after the other, until there is a picture or no reason to go on.

No transaction is open here: each step on the database is its own, in a thread, and between them the
provider works. Whatever happens, also a cancel in the middle, no attempt row stays open; a database that
is away for a while is waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog

from nproxy.kit.threads import DATABASE_AWAY, in_database, once_database_answers
from nproxy.notifications import actions as notifications
from nproxy.providers import actions as providers
from nproxy.providers import queries as provider_queries
from nproxy.providers.rules import Classified, DrawRequest, Verdict
from nproxy.routing import line
from nproxy.routing.rules import (
    COOLING_THE_POOL,
    Directly,
    Done,
    LastResort,
    NextKey,
    Stop,
    Trail,
    WaitInLine,
    given_up,
    next_step,
    when_no_key,
)

Clock = Callable[[], datetime]
Leasing = Callable[[], providers.Lease | None]

# Never zero: whoever sees a key that somebody else then takes must not spin.
SHORTEST_WAIT = 0.02

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as the provider sent it. `provider_seconds` is all its time, failed attempts included."""

    data: bytes = field(repr=False)
    provider_seconds: float


class DrawFailed(Exception):
    """No picture, and no use in trying on. `code` is what the person may know: content_policy,
    invalid_request, no_image, service_unavailable or internal."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def dispatch(*, work: UUID, model: str, request: DrawRequest, clock: Clock) -> Drawn:
    """Draw with the pool's keys, one at a time, each at most once. Raises `DrawFailed`.

    `work` names the generation in the attempt rows. There is no deadline: it ends with the keys.
    """
    search, seconds, trail = _Search(work, model, clock), 0.0, Trail()
    lease = await search.next_key(trail)
    while True:
        outcome = await _attempt(lease, request, clock)
        seconds += outcome.seconds
        trail = trail.after(lease, outcome.classified)
        if trail.is_cooling_the_pool:
            await once_database_answers(_alert_cooling, work, clock())
        match next_step(trail, lease, outcome.classified):
            case Done() if outcome.image is not None:
                return Drawn(outcome.image, seconds)
            case Stop(code):
                raise DrawFailed(code)
            case Directly():
                lease = await search.same_key_directly(lease) or await search.next_key(trail)
            case Done() | NextKey():
                lease = await search.next_key(trail)


@dataclass(frozen=True, slots=True)
class _Search:
    """The ways of one generation to its next lease."""

    work: UUID
    model: str
    clock: Clock

    async def next_key(self, trail: Trail) -> providers.Lease:
        """The next eligible key, waited for in line if need be; the last resort. Raises `DrawFailed`."""
        is_second_look = False
        while True:
            if (lease := await self._leased(partial(self._next, trail))) is not None:
                return lease
            match await self._when_no_key(trail):
                case WaitInLine(until):
                    await line.wait(max((until - self.clock()).total_seconds(), SHORTEST_WAIT))
                case LastResort() if not is_second_look:
                    if (lease := await self._leased(partial(self._last_resort, trail))) is not None:
                        return lease
                    is_second_look = True  # one may have come back, and be at its cap
                case LastResort():
                    await self._give_up(trail, given_up(trail))
                case Stop() as stop:
                    await self._give_up(trail, stop)

    async def same_key_directly(self, lease: providers.Lease) -> providers.Lease | None:
        return await self._leased(lambda: providers.lease_direct(lease=lease, now=self.clock()))

    def _next(self, trail: Trail) -> providers.Lease | None:
        return providers.lease(
            pool=self.model,
            work=self.work,
            tried=trail.tried,
            without=trail.without,
            later=trail.later,
            now=self.clock(),
        )

    def _last_resort(self, trail: Trail) -> providers.Lease | None:
        return providers.lease_last_resort(
            pool=self.model, work=self.work, tried=trail.tried, without=trail.without, now=self.clock()
        )

    async def _when_no_key(self, trail: Trail) -> WaitInLine | LastResort | Stop:
        now = self.clock()
        eligible_at = await once_database_answers(
            provider_queries.next_eligible_at, self.model, now, tried=trail.tried, without=trail.without
        )
        return when_no_key(trail, eligible_at=eligible_at, now=now)

    async def _give_up(self, trail: Trail, stop: Stop) -> None:
        if stop.code == "service_unavailable":
            await once_database_answers(_alert_exhausted, self.model, self.work, trail, self.clock())
        raise DrawFailed(stop.code)

    async def _leased(self, leasing: Leasing) -> providers.Lease | None:
        """A lease, or none. Given up while the database is at it, the row that it opened is closed."""
        step = asyncio.ensure_future(once_database_answers(leasing))
        try:
            return await asyncio.shield(step)
        except asyncio.CancelledError:
            if (lease := await step) is not None:
                await _let_go(lease, self.clock)
            raise


async def _attempt(lease: providers.Lease, request: DrawRequest, clock: Clock) -> providers.Outcome:
    try:
        outcome = await providers.call(lease, request)
    except asyncio.CancelledError:
        await _let_go(lease, clock)
        raise
    await asyncio.shield(_report(lease, outcome, clock))
    return outcome


async def _report(lease: providers.Lease, outcome: providers.Outcome, clock: Clock) -> None:
    """A picture that is paid for is not lost because nobody could write that down: the sweep closes the row."""
    try:
        await once_database_answers(providers.report, lease, outcome, now=clock())
    except DATABASE_AWAY:
        log.exception("attempt not reported", attempt=lease.attempt_id)
    line.move_up()


async def _let_go(lease: providers.Lease, clock: Clock) -> None:
    outcome = providers.Outcome(Classified(Verdict.LOST, detail="given up"))
    with suppress(*DATABASE_AWAY):  # the sweep closes it
        await asyncio.shield(in_database(providers.report, lease, outcome, now=clock()))
    line.move_up()


def _alert_cooling(work: UUID, now: datetime) -> None:
    text = f"One request is cooling the pool: generation {work} failed on {COOLING_THE_POOL} keys in turn."
    notifications.alert(kind="keys.cooling_pool", text=text, now=now, subject=str(work))


def _alert_exhausted(model: str, work: UUID, trail: Trail, now: datetime) -> None:
    tried = f"after {len(trail.tried)} keys" if trail.tried else "before the first attempt"
    text = f"No key is left for {model}: generation {work} found none {tried}."
    notifications.alert(kind="keys.pool_exhausted", text=text, now=now, subject=model, severity="critical")
