"""Long polls: two thousand pages open on one web process, and how soon each hears what happened."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection, transaction

from bench.figures import milliseconds, percentile
from bench.people import make_person
from bench.stack import Stack
from nproxy.kit import live

OPEN = 2000
PEOPLE = 40
# So many pages open at once: a crowd that comes back after a restart is another question.
OPENED_AT_ONCE = 50
OPENED_WITHIN = 180.0


def measure(stack: Stack, scale: float) -> Iterator[dict[str, object]]:
    people = {one.id: one.session for one in (make_person() for _ in range(PEOPLE))}
    each = max(2, int(OPEN * scale) // PEOPLE)
    seconds, held = asyncio.run(_watched(stack, people, each))
    yield {
        "row": "long polls",
        "open": each * PEOPLE,
        **held,
        "answers": len(seconds),
        "p50_ms": milliseconds(percentile(seconds, 0.50)),
        "p99_ms": milliseconds(percentile(seconds, 0.99)),
    }


async def _watched(
    stack: Stack, people: Mapping[int, str], each: int
) -> tuple[list[float], dict[str, object]]:
    """Open `each` polls for everyone, then touch one person after the other: from the commit to each answer."""
    seconds: list[float] = []
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None)) as http,
        asyncio.TaskGroup() as group,
    ):
        gate = asyncio.Semaphore(OPENED_AT_ONCE)
        pages = {
            user: [_Page(http, stack.site, session, gate) for _ in range(each)]
            for user, session in people.items()
        }
        waiting = {user: [group.create_task(page.waits()) for page in mine] for user, mine in pages.items()}
        await _until_open(http, stack.site, each * len(people))
        held = await asyncio.to_thread(_held, stack.web_pid)
        for user, mine in waiting.items():
            began = await sync_to_async(_touch)(user)
            seconds += [ended - began for ended in await asyncio.gather(*mine)]
    return seconds, held


@dataclass
class _Page:
    """An open page: it polls, and polls again, until it hears something."""

    http: aiohttp.ClientSession
    site: str
    session: str
    gate: asyncio.Semaphore

    async def waits(self) -> float:
        """When it heard."""
        cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session}"}
        first = f"{self.site}/updates/?after=0&wait=0"
        # Its connection is open and its cursor known before the next one comes.
        async with self.gate, self.http.get(first, headers=cookie) as answer:
            after = (await answer.json())["cursor"] if answer.status == 200 else 0
        while True:
            address = f"{self.site}/updates/?after={after}&wait=25"
            async with self.http.get(address, headers=cookie) as answer:
                await answer.read()
                heard = time.perf_counter()
            if answer.status == 200:
                return heard
            assert answer.status == 204, answer.status


async def _until_open(http: aiohttp.ClientSession, site: str, wanted: int) -> None:
    """Until the site itself counts so many open polls, less the few that are just asking again."""
    async with asyncio.timeout(OPENED_WITHIN):
        while True:
            async with http.get(f"{site}/metrics") as answer:
                lines = (await answer.text()).splitlines()
            counted = next(
                (float(line.split()[1]) for line in lines if line.startswith("nproxy_longpolls ")), 0
            )
            if counted >= wanted * 0.99:
                return
            await asyncio.sleep(0.5)


def _touch(user_id: int) -> float:
    """Change something of this person; when it was committed."""
    with transaction.atomic():
        live.bump(user_id)
    return time.perf_counter()


def _held(pid: int) -> dict[str, object]:
    """What the web process holds meanwhile. Linux only."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        connections = cursor.fetchone()[0] - 1
    return {
        "threads": int(status["Threads"]),
        "connections": connections,
        "memory_mb": int(status["VmRSS"].split()[0]) // 1024,
    }
