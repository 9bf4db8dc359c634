"""Long polls: two thousand pages open on one web process, and how soon each hears what happened."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
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
ROUNDS = 5


def measure(stack: Stack, scale: float) -> Iterator[dict[str, object]]:
    people = [make_person() for _ in range(PEOPLE)]
    each = max(2, int(OPEN * scale) // PEOPLE)
    seconds, held = asyncio.run(_watched(stack, [(one.id, one.session) for one in people], each))
    yield {
        "row": "long polls",
        "open": each * PEOPLE,
        **held,
        "answers": len(seconds),
        "p50_ms": milliseconds(percentile(seconds, 0.50)),
        "p99_ms": milliseconds(percentile(seconds, 0.99)),
    }


async def _watched(
    stack: Stack, people: Sequence[tuple[int, str]], each: int
) -> tuple[list[float], dict[str, object]]:
    """Open the polls, then touch one person after the other; the time from each commit to each answer."""
    seconds: list[float] = []
    held: dict[str, object] = {}
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        for _ in range(ROUNDS):
            cursors = {user: await sync_to_async(live.current)(user) for user, _session in people}
            polls = {
                user: [asyncio.create_task(_poll(http, stack.site, session, cursors[user])) for _ in range(each)]
                for user, session in people
            }
            await asyncio.sleep(4)  # all of them are in, and nothing else goes on
            held = await asyncio.to_thread(_held, stack.web_pid)
            for user, waiting in polls.items():
                began = await sync_to_async(_touch)(user)
                seconds += [ended - began for ended in await asyncio.gather(*waiting)]
    return seconds, held


async def _poll(http: aiohttp.ClientSession, site: str, session: str, after: int) -> float:
    """When its answer came."""
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
    async with http.get(f"{site}/updates/?after={after}&wait=25", headers=cookie) as answer:
        assert answer.status == 200, answer.status
        await answer.read()
        return time.perf_counter()


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
