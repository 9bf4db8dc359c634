"""Waiting for a person's version to move: nothing is missed, nobody else is woken, nothing is held."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction

from nproxy.kit import live
from nproxy.kit.live_listener import APPLICATION
from nproxy.kit.threads import in_database

pytestmark = pytest.mark.django_db(transaction=True)
ADA, BOB = 1, 2
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


async def cut_the_listener() -> int:
    return await backends("pg_terminate_backend(pid)", APPLICATION)


async def test_a_version_that_has_moved_already_is_not_waited_for() -> None:
    await bump(ADA)
    assert await live.wait(ADA, 0, 25)
    assert not await live.wait(ADA, 1, 0)


async def test_a_waiter_wakes_at_commit_and_not_before() -> None:
    waiting = asyncio.create_task(live.wait(ADA, 0, 25))
    await listens()

    def change(may_commit: threading.Event) -> None:
        with transaction.atomic():
            live.bump(ADA)
            may_commit.wait(10)

    may_commit = threading.Event()
    changing = asyncio.create_task(in_database(change, may_commit))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    may_commit.set()
    assert await asyncio.wait_for(waiting, 20)
    await changing


async def test_only_the_one_concerned_is_woken() -> None:
    ada = asyncio.create_task(live.wait(ADA, 0, 25))
    bob = asyncio.create_task(live.wait(BOB, 0, 0.5))
    await listens()
    await bump(ADA)
    assert await asyncio.wait_for(ada, 20)
    assert not await bob


async def test_a_change_while_the_listening_connection_is_away_is_not_missed() -> None:
    waiting = asyncio.create_task(live.wait(ADA, 0, 25))
    await listens()
    assert await cut_the_listener() == 1
    await bump(ADA)
    assert await asyncio.wait_for(waiting, 20)


async def test_a_lost_connection_wakes_nobody_for_nothing() -> None:
    waiting = asyncio.create_task(live.wait(ADA, 0, 1.5))
    await listens()
    assert await cut_the_listener() == 1
    assert not await waiting


async def test_two_thousand_waiters_take_one_connection_and_no_thread_each() -> None:
    before = threading.active_count()
    everyone = [asyncio.create_task(live.wait(person, 0, 60)) for person in range(1, 2001)]
    await listens()
    await asyncio.sleep(1)
    assert threading.active_count() - before < 10
    assert await backends("*", "%") < 12
    await bump(1999)
    assert await asyncio.wait_for(everyone[1998], 20)
    for waiting in everyone:
        waiting.cancel()
    await asyncio.gather(*everyone, return_exceptions=True)
