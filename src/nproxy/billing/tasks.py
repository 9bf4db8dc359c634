"""The queue's names for what the worker does about money."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from nproxy.billing import books, jobs, run


@app.task(name=jobs.PREPARE, queue=jobs.QUEUE)
async def prepare(attempt_id: str) -> None:
    await run.prepare(UUID(attempt_id))


@app.task(name=jobs.HANDLE, queue=jobs.QUEUE)
async def handle(event_id: str) -> None:
    await run.handle(UUID(event_id))


@app.task(name=jobs.REFRESH_COINS, queue=jobs.QUEUE)
async def refresh_coins() -> None:
    await run.refresh_coins()


@app.task(name=jobs.RECONCILE, queue=jobs.QUEUE)
async def reconcile(asked_by: str) -> None:
    await books.write_report(asked_by)
