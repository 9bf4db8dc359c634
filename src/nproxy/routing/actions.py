"""One generation, one key after the other, until there is a picture or no reason to go on.

No transaction is open here: each step on the database is its own, in a thread, and between them the
provider works. Whatever happens, also a cancel in the middle, no attempt row stays open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from nproxy.kit.threads import in_database_surely
from nproxy.notifications import actions as notifications
from nproxy.providers import actions as providers
from nproxy.providers import queries as provider_queries
from nproxy.providers.rules import Classified, DrawRequest, Verdict
from nproxy.routing.rules import (
    COOLING_THE_POOL,
    Done,
    NextKey,
    Stop,
    Trail,
    WaitInLine,
    next_step,
    when_no_key,
)

Clock = Callable[[], datetime]


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
    trail, seconds = Trail(), 0.0
    while True:
        lease = await _lease(model, work, trail, clock)
        if lease is None:
            await _wait_or_stop(model, work, trail, clock)
            continue
        outcome = await _attempt(lease, request, clock)
        seconds += outcome.seconds
        verdict = outcome.classified.verdict
        trail = trail.after(key_id=lease.key_id, provider=lease.provider, verdict=verdict)
        if trail.is_cooling_the_pool:
            await in_database_surely(_alert_cooling, work, clock())
        match next_step(trail, outcome.classified):
            case Done() if outcome.image is not None:
                return Drawn(outcome.image, seconds)
            case Stop(code):
                raise DrawFailed(code)
            case Done() | NextKey():
                continue


async def _lease(model: str, work: UUID, trail: Trail, clock: Clock) -> providers.Lease | None:
    """A lease, or none. Given up while the database is at it, the row that it opened is closed."""
    step = asyncio.ensure_future(
        in_database_surely(
            providers.lease, pool=model, work=work, tried=trail.tried, without=trail.without, now=clock()
        )
    )
    try:
        return await asyncio.shield(step)
    except asyncio.CancelledError:
        if (lease := await step) is not None:
            await _give_up(lease, clock)
        raise


async def _attempt(lease: providers.Lease, request: DrawRequest, clock: Clock) -> providers.Outcome:
    try:
        outcome = await providers.call(lease, request)
    except asyncio.CancelledError:
        await _give_up(lease, clock)
        raise
    await asyncio.shield(in_database_surely(providers.report, lease, outcome, now=clock()))
    return outcome


async def _give_up(lease: providers.Lease, clock: Clock) -> None:
    outcome = providers.Outcome(Classified(Verdict.LOST, detail="given up"))
    await asyncio.shield(in_database_surely(providers.report, lease, outcome, now=clock()))


async def _wait_or_stop(model: str, work: UUID, trail: Trail, clock: Clock) -> None:
    now = clock()
    eligible_at = await in_database_surely(
        provider_queries.next_eligible_at, model, now, tried=trail.tried, without=trail.without
    )
    match when_no_key(trail, eligible_at=eligible_at, now=now):
        case WaitInLine(until):
            await asyncio.sleep(max((until - now).total_seconds(), 0))
        case Stop(code):
            if code == "service_unavailable":
                await in_database_surely(_alert_exhausted, model, work, trail, now)
            raise DrawFailed(code)


def _alert_cooling(work: UUID, now: datetime) -> None:
    text = f"One request is cooling the pool: generation {work} failed on {COOLING_THE_POOL} keys in turn."
    notifications.alert(kind="keys.cooling_pool", text=text, now=now, subject=str(work))


def _alert_exhausted(model: str, work: UUID, trail: Trail, now: datetime) -> None:
    tried = f"after {len(trail.tried)} attempts" if trail.tried else "before the first attempt"
    text = f"No key is left for {model}: generation {work} found none {tried}."
    notifications.alert(kind="keys.pool_exhausted", text=text, now=now, subject=model, severity="critical")
