"""Which processes are alive, and of which version: each says so every few seconds, in a row of its own."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from uuid import UUID

import structlog
from django.db import Error
from django.utils import timezone

from nproxy.kit.ids import new_id
from nproxy.kit.models import Process
from nproxy.kit.threads import in_database

BEAT = timedelta(seconds=10)
SILENCE = timedelta(seconds=45)
FORGOTTEN = timedelta(days=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ProcessView:
    """One process; `is_alive` while it was heard of within `SILENCE`."""

    kind: str
    version: str
    host: str
    pid: int
    started_at: datetime
    seen_at: datetime
    long_polls: int
    is_alive: bool


@asynccontextmanager
async def present(kind: str, long_polls: Callable[[], int] = lambda: 0) -> AsyncIterator[None]:
    """Say that this process (`web`, `worker`, `bot`) is alive while the block lasts, then that it has left."""
    identity = new_id()
    saying = asyncio.create_task(_say(identity, kind, timezone.now(), long_polls))
    try:
        yield
    finally:
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
        with suppress(Error):
            await asyncio.shield(in_database(leave, identity))


async def _say(identity: UUID, kind: str, started_at: datetime, long_polls: Callable[[], int]) -> None:
    while True:
        try:
            await in_database(
                beat, identity, kind=kind, started_at=started_at, long_polls=long_polls(), now=timezone.now()
            )
        except Error:
            log.warning("presence.not_told", kind=kind)
        await asyncio.sleep(BEAT.total_seconds())


def beat(identity: UUID, *, kind: str, started_at: datetime, long_polls: int, now: datetime) -> None:
    """The process is alive at `now`."""
    Process.objects.update_or_create(
        pk=identity,
        defaults={"seen_at": now, "long_polls": long_polls},
        create_defaults={
            "kind": kind,
            "version": version("nproxy"),
            "host": socket.gethostname()[:64],
            "pid": os.getpid(),
            "started_at": started_at,
            "seen_at": now,
            "long_polls": long_polls,
        },
    )


def leave(identity: UUID) -> None:
    """The process ends in order: nobody need look for it."""
    Process.objects.filter(pk=identity).delete()


def forget(*, now: datetime) -> None:
    """Drop the rows of processes that ended without saying so, a day later."""
    Process.objects.filter(seen_at__lt=now - FORGOTTEN).delete()


def processes(now: datetime) -> list[ProcessView]:
    """Those that live, and those that fell silent within the last day; by kind, the youngest first."""
    rows = Process.objects.filter(seen_at__gte=now - FORGOTTEN).order_by("kind", "-started_at")
    return [
        ProcessView(
            row.kind,
            row.version,
            row.host,
            row.pid,
            row.started_at,
            row.seen_at,
            row.long_polls,
            now - row.seen_at <= SILENCE,
        )
        for row in rows
    ]
