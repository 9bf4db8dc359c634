"""The queue's names for the store's chores."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from nproxy.assets import packing, run

PACKED_AT_MOST: Final = 4


@app.task(name="assets.remove_files", queue="chores", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def remove_files(asset_id: str) -> None:
    run.remove_files(UUID(asset_id), timezone.now())


# One at a time, whoever runs it: files of thousands of pictures must not take every chore's place.
@app.task(
    name="assets.pack",
    queue="chores",
    lock="assets.pack",
    retry=RetryStrategy(max_attempts=PACKED_AT_MOST, exponential_wait=8),
    pass_context=True,
)
def pack(context: JobContext, export_id: str) -> None:
    try:
        packing.pack(UUID(export_id), timezone.now)
    except Exception:
        if context.job.attempts >= PACKED_AT_MOST:
            packing.give_up(UUID(export_id))
        raise
