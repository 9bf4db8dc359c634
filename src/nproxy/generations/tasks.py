"""The queue's name for a run."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from nproxy.generations import jobs, run
from nproxy.generations.rules import QUEUE


@app.task(name=jobs.TASK, queue=QUEUE)
async def draw(generation_id: str) -> None:
    await run.carry_out(UUID(generation_id))
