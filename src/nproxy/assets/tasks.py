"""The queue's names for the store's chores."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from nproxy.assets import run


@app.task(name="assets.remove_files", queue="chores", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def remove_files(asset_id: str) -> None:
    run.remove_files(UUID(asset_id))
