"""The run of one generation: begin, draw, keep, finish; with a heartbeat beside it.

Whatever happens, the row ends in a state that someone can go on from: a picture, an error,
in line again (this worker stops), or as it was (the lease is lost: another one decides now).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog
from django.utils import timezone

from nproxy.assets import actions as assets
from nproxy.generations import lease as leases
from nproxy.generations.lease import Lease, LeaseLost
from nproxy.generations.rules import HEARTBEAT, STORE_PAUSES
from nproxy.kit import secrets
from nproxy.kit.threads import DATABASE_AWAY, in_database, once_database_answers
from nproxy.providers.rules import CAPABILITIES, DrawRequest
from nproxy.routing import actions as routing

T = TypeVar("T")

log = structlog.get_logger(__name__)


async def carry_out(generation_id: UUID) -> None:
    """Draw one generation if it still waits for it; harmless when repeated."""
    lease = await _begun(generation_id)
    if lease is None:
        return
    try:
        await _while_beating(lease, _draw_and_keep(lease))
    except routing.DrawFailed as failure:
        await _end_with(lease, failure.code)
    except LeaseLost:
        await once_database_answers(leases.let_go, lease)
    except asyncio.CancelledError:
        await asyncio.shield(once_database_answers(leases.hand_back, lease))
        raise
    except DATABASE_AWAY:
        # Away for longer than a step waits: the row stays as it is, and is mended like a dead worker's.
        raise
    except Exception:
        log.exception("generation broke", generation=str(generation_id))
        await _end_with(lease, "internal")


async def _begun(generation_id: UUID) -> Lease | None:
    """The lease, if the generation still waits. Stopped while the database is at it, what was begun is handed back."""
    step = asyncio.ensure_future(once_database_answers(leases.begin, generation_id, timezone.now()))
    try:
        return await asyncio.shield(step)
    except asyncio.CancelledError:
        if (lease := await step) is not None:
            await once_database_answers(leases.hand_back, lease)
        raise


async def _draw_and_keep(lease: Lease) -> None:
    request = await _request(lease)
    drawn = await routing.dispatch(
        work=lease.generation_id, model=lease.task.wish.model, request=request, clock=timezone.now
    )
    del request  # its sources may be many megabytes; storing needs none of them
    await once_database_answers(leases.enter_saving, lease, timezone.now())
    stored = await _once_store_answers(lambda: assets.store_drawn(drawn.data, user_id=lease.user_id))
    await once_database_answers(leases.finish, lease, stored, drawn.provider_seconds, timezone.now())
    log.info(
        "generation.succeeded", generation=str(lease.generation_id), provider=round(drawn.provider_seconds, 1)
    )


async def _request(lease: Lease) -> DrawRequest:
    wish = lease.task.wish
    takes = CAPABILITIES[wish.model]
    share = takes.max_source_bytes // max(1, len(lease.task.source_ids))
    sources = [
        await _once_store_answers(partial(assets.load_source, source, max_bytes=share))
        for source in lease.task.source_ids
    ]
    return DrawRequest(
        prompt=wish.prompt,
        resolution=wish.resolution,
        aspect_ratio=wish.aspect_ratio,
        strength=takes.strength(wish.strength).number if wish.strength else None,
        sources=tuple(sources),
        user=secrets.alias(str(lease.user_id), place="provider"),
    )


async def _once_store_answers(step: Callable[[], Awaitable[T]]) -> T:
    """The step, again while the store is away: a picture that was drawn is paid for. In the end StoreUnavailable."""
    for pause in STORE_PAUSES:
        try:
            return await step()
        except assets.StoreUnavailable as trouble:
            log.warning("store away", error=str(trouble))
            await asyncio.sleep(pause)
    return await step()


async def _end_with(lease: Lease, code: str) -> None:
    try:
        await once_database_answers(leases.fail, lease, code, timezone.now())
        log.info("generation.failed", generation=str(lease.generation_id), code=code)
    except LeaseLost:
        await once_database_answers(leases.let_go, lease)


async def _while_beating(lease: Lease, work: Awaitable[None]) -> None:
    """Do the work while a heartbeat is written; when the lease is lost, the work is given up."""
    working = asyncio.ensure_future(work)
    beating = asyncio.create_task(_beat_until_lost(lease))
    try:
        await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise LeaseLost
        await working
    finally:
        for task in (working, beating):
            task.cancel()
        await asyncio.gather(working, beating, return_exceptions=True)


async def _beat_until_lost(lease: Lease) -> None:
    """Write a heartbeat every few seconds; returns when the lease is lost. A database that is away is waited for."""
    while True:
        await asyncio.sleep(HEARTBEAT.total_seconds())
        try:
            if not await in_database(leases.beat, lease, timezone.now()):
                return
        except DATABASE_AWAY:
            log.warning("heartbeat missed", generation=str(lease.generation_id))
