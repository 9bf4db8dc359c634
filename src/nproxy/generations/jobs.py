"""Putting generations in line: a job each, deferred inside the transaction that causes it.

By the task's name, because whoever hands work back stands below the tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from nproxy.generations.rules import QUEUE

TASK = "generations.run"

log = structlog.get_logger(__name__)


def defer(generation_ids: Sequence[UUID]) -> list[int]:
    """Queue one job for each generation; the jobs' ids in the same order. Rolls back with the transaction."""
    task = app.configure_task(TASK, queue=QUEUE, allow_unknown=True)
    wishes: list[JSONDict] = [{"generation_id": str(generation_id)} for generation_id in generation_ids]
    jobs = task.batch_defer(*wishes)
    log.info("generations.queued", generations=[str(each) for each in generation_ids], jobs=jobs)
    return jobs
