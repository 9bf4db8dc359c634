"""Work for the worker, deferred inside the transaction that causes it: only the worker talks to the processor.

By the tasks' names, because what defers stands below the tasks.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.types import JSONValue

QUEUE = "money"
PREPARE = "billing.prepare"
HANDLE = "billing.handle"
REFRESH_COINS = "billing.refresh_coins"
RECONCILE = "billing.reconcile"

# Whoever is about to pay looks at the page; what is read can wait a moment, and the books longer.
PRIORITIES = {PREPARE: 2, HANDLE: 1}


def prepare(attempt_id: UUID, *, seconds: int = 0) -> None:
    """Get an address for an attempt, `seconds` from now."""
    _defer(PREPARE, str(attempt_id), seconds, attempt_id=str(attempt_id))


def handle(event_id: UUID) -> None:
    """Read the payment that a stored callback names."""
    _defer(HANDLE, str(event_id), event_id=str(event_id))


def refresh_coins() -> None:
    """Ask the processor which coins it takes, and from which amount."""
    _defer(REFRESH_COINS, "")


def reconcile(asked_by: str) -> None:
    """Compare both books, and keep the report."""
    _defer(RECONCILE, "", asked_by=asked_by)


def _defer(task: str, what: str, seconds: int = 0, **arguments: JSONValue) -> None:
    """One waiting job for each task and thing is enough."""
    job = app.configure_task(
        task,
        queue=QUEUE,
        priority=PRIORITIES.get(task, 0),
        queueing_lock=f"{task} {what}".strip(),
        schedule_in={"seconds": seconds},
        allow_unknown=True,
    )
    try:
        with transaction.atomic():
            job.defer(**arguments)
    except AlreadyEnqueued:
        return
