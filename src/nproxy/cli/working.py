"""What `nproxy worker` does: a procrastinate worker for each queue, so that sweeps and mails never wait behind
pictures, nor a person who is about to pay behind sweeps and mails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import click
import structlog
from django.conf import settings
from procrastinate import App, connector, exceptions
from procrastinate.contrib.django import app as django_app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from nproxy.cli.door import require_open_secrets
from nproxy.cli.process import ALIVE_SECONDS, allow_many_files, end_at_last, on_question, on_stop
from nproxy.kit import logs, presence

CHORES_AT_ONCE = 4
# They stand in one line to the processor anyway.
MONEY_AT_ONCE = 4
CONNECTIONS = 8
RECONNECT_SECONDS = 1.0
ECHO_SECONDS = 0.1
# After the grace, for handing back what did not end. Docker's patience (compose.yaml) is longer than both.
HAND_BACK_SECONDS = 10
# What a job may be about: it says so as `…_id`.
NAMED = ("generation", "asset", "mail", "order")

log = structlog.get_logger(__name__)


def work(grace: int, alive_file: Path | None) -> None:
    """Work until SIGTERM, which leaves `grace` seconds; touch `alive_file` meanwhile. Django and the database are up."""
    require_open_secrets()
    allow_many_files()
    asyncio.run(_work(grace, alive_file))


class Connector(PsycopgConnector):
    """procrastinate's, except that losing the database for a moment does not end the worker, and that
    a notification cannot fall into the gap between "no job found" and "now I wait for one": it is
    given twice. (Its worker clears the event after the query; what comes in between waits for the next poll.)
    """

    async def listen_notify(self, on_notification: connector.Notify, channels: Iterable[str]) -> None:
        channels = list(channels)
        echoes: set[asyncio.Task[None]] = set()

        async def echo(channel: str, payload: str) -> None:
            await asyncio.sleep(ECHO_SECONDS)
            await on_notification(channel=channel, payload=payload)

        async def twice(*, channel: str, payload: str) -> None:
            await on_notification(channel=channel, payload=payload)
            task = asyncio.create_task(echo(channel, payload))
            echoes.add(task)
            task.add_done_callback(echoes.discard)

        while True:
            try:
                await super().listen_notify(twice, channels)
            except exceptions.ConnectorException:
                log.warning("worker.listening_lost")
                await asyncio.sleep(RECONNECT_SECONDS)


async def _work(grace: int, alive_file: Path | None) -> None:
    stopping = asyncio.Event()
    lanes: list[asyncio.Task[None]] = []

    def stop() -> None:
        end_at_last(grace + HAND_BACK_SECONDS)
        stopping.set()
        for lane in lanes:
            lane.cancel()

    # Before anything starts: a signal that only broke off the event loop could leave tasks that never end.
    on_stop(stop)
    on_question()
    click.echo(f"Working, {settings.NPROXY_WORKER_CONCURRENCY} pictures at once.")
    # A second app over the same tasks: a task that defers another one still goes through the first,
    # whose connection is Django's, and so stays inside the transaction that causes it.
    app = django_app.with_connector(Connector(kwargs=connector_params(), min_size=1, max_size=CONNECTIONS))
    async with app.open_async():
        if not await app.check_connection_async():
            raise click.ClickException("The queue's tables are missing. Run `nproxy migrate` first.")
        lanes += [
            asyncio.create_task(_lane(app, queue, at_once, grace, stopping))
            for queue, at_once in (
                ("generations", settings.NPROXY_WORKER_CONCURRENCY),
                ("chores", CHORES_AT_ONCE),
                ("money", MONEY_AT_ONCE),
            )
        ]
        alive = asyncio.create_task(_touch(alive_file)) if alive_file else None
        async with presence.present("worker"):
            await asyncio.gather(*lanes, return_exceptions=True)
        if alive:
            alive.cancel()


async def named(call_next: Callable[[], Awaitable[Any]], context: Any, _worker: Any) -> Any:
    """Around every job: whatever is logged meanwhile names the job, its task and the generation that it draws."""
    about = {
        name: context.job.task_kwargs[f"{name}_id"]
        for name in NAMED
        if f"{name}_id" in context.job.task_kwargs
    }
    with logs.within(job=context.job.id, task=context.job.task_name, **about):
        return await call_next()


async def _touch(file: Path) -> None:
    """Show that the event loop goes round."""
    while True:
        file.touch()  # noqa: ASYNC240 - one inode in memory; a thread would prove less
        await asyncio.sleep(ALIVE_SECONDS)


async def _lane(app: App, queue: str, at_once: int, grace: int, stopping: asyncio.Event) -> None:
    """Work on one queue until told to stop. procrastinate gives up on a lost database; we begin again.

    A cancel alone is not enough: when the database fails while procrastinate stops, it raises that
    failure in the cancel's place.
    """
    while not stopping.is_set():
        try:
            await app.run_worker_async(
                queues=[queue],
                name=queue,
                concurrency=at_once,
                shutdown_graceful_timeout=grace,
                install_signal_handlers=False,
                worker_middleware=[named],
            )
            log.warning("worker.stopped_by_itself", queue=queue)
        except Exception:
            log.exception("worker.failed", queue=queue)
        if not stopping.is_set():
            await asyncio.sleep(RECONNECT_SECONDS)
