"""Waiting for a person's version to move: nothing is missed, nobody else is woken, nothing is held."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction

from nproxy.kit import live, live_listener
from nproxy.kit.live_listener import APPLICATION
from nproxy.kit.threads import in_database

pytestmark = pytest.mark.django_db(transaction=True)
ADA, BOB = 1, 2
PATIENCE = 60
bump = sync_to_async(live.bump)


@pytest.fixture(autouse=True)
async def listening() -> AsyncIterator[None]:
    yield
    await live.stop()


def of_this_database(what: str, application: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count({what}) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND application_name LIKE %s",
            [application],
        )
        return int(cursor.fetchone()[0])


backends = sync_to_async(of_this_database)


async def listens() -> None:
    while not await backends("nullif(query LIKE 'LISTEN %%', false)", APPLICATION):  # noqa: ASYNC110  # a server's state
        await asyncio.sleep(0.02)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  # what another thread does
            await asyncio.sleep(0.01)


async def cut_the_listener() -> int:
    return await backends("pg_terminate_backend(pid)", APPLICATION)


async def test_a_version_that_has_moved_already_is_not_waited_for() -> None:
    await bump(ADA)
    assert await live.wait(ADA, 0, PATIENCE)
    assert not await live.wait(ADA, 1, 0)


async def test_a_waiter_wakes_at_commit_and_not_before() -> None:
    waiting = asyncio.create_task(live.wait(ADA, 0, PATIENCE))
    await listens()

    def change(may_commit: threading.Event) -> None:
        with transaction.atomic():
            live.bump(ADA)
            may_commit.wait(PATIENCE)

    may_commit = threading.Event()
    changing = asyncio.create_task(in_database(change, may_commit))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    may_commit.set()
    assert await asyncio.wait_for(waiting, PATIENCE)
    await changing


async def test_only_the_one_concerned_is_woken() -> None:
    ada = asyncio.create_task(live.wait(ADA, 0, PATIENCE))
    bob = asyncio.create_task(live.wait(BOB, 0, 0.5))
    await listens()
    await bump(ADA)
    assert await asyncio.wait_for(ada, PATIENCE)
    assert not await bob


async def test_a_change_while_the_listening_connection_is_away_is_not_missed() -> None:
    waiting = asyncio.create_task(live.wait(ADA, 0, PATIENCE))
    await listens()
    assert await cut_the_listener() == 1
    await bump(ADA)
    assert await asyncio.wait_for(waiting, PATIENCE)


async def test_a_lost_connection_wakes_nobody_for_nothing() -> None:
    waiting = asyncio.create_task(live.wait(ADA, 0, 1.5))
    await listens()
    assert await cut_the_listener() == 1
    assert not await waiting


async def test_all_pages_of_a_person_are_woken_by_one_look_at_their_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[int] = []

    def counted(person_id: int) -> int:
        found = current(person_id)
        looks.append(found)  # seen by now: what changes from here on takes another look
        return found

    current = live.current
    monkeypatch.setattr(live, "current", counted)
    everyone = [asyncio.create_task(live.wait(ADA, 0, PATIENCE)) for _ in range(50)]
    await listens()
    # The connection that has just come wakes all of them once, for what it may have missed.
    await until(lambda: len(looks) == 2)
    await bump(ADA)
    assert await asyncio.wait_for(asyncio.gather(*everyone), 30) == [True] * 50
    assert len(looks) == 3


async def test_nobody_joins_a_look_that_began_before_they_were_woken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first look sees nothing new and takes its time; the change comes meanwhile."""
    looking, may_end = threading.Event(), threading.Event()
    seen: list[int] = []

    def slow(person_id: int) -> int:
        found = current(person_id)
        seen.append(found)
        if len(seen) == 1:
            looking.set()
            may_end.wait(30)
        return found

    current = live.current
    monkeypatch.setattr(live, "current", slow)
    waiting = [asyncio.create_task(live.wait(ADA, 0, PATIENCE)) for _ in range(2)]
    await until(looking.is_set)
    with live_listener.waiter(ADA) as woken:
        await bump(ADA)
        await asyncio.wait_for(woken.wait(), 30)
    later = asyncio.create_task(live.wait(ADA, 0, PATIENCE))
    assert await asyncio.wait_for(later, 30)
    assert not any(task.done() for task in waiting)
    may_end.set()
    assert await asyncio.wait_for(asyncio.gather(*waiting), 30) == [True, True]


async def test_two_thousand_waiters_take_one_connection_and_no_thread_each() -> None:
    threads, connections = threading.active_count(), await backends("*", "%")
    everyone = [asyncio.create_task(live.wait(person, 0, 60)) for person in range(1, 2001)]
    await listens()
    await asyncio.sleep(1)
    assert threading.active_count() - threads < 10
    assert await backends("*", "%") - connections < 12
    await bump(1999)
    assert await asyncio.wait_for(everyone[1998], PATIENCE)
    for waiting in everyone:
        waiting.cancel()
    await asyncio.gather(*everyone, return_exceptions=True)
