"""What every adapter does alike: time limits, the caps on what is read, and coding off the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from django.conf import settings

from nproxy.kit.http import sessions
from nproxy.kit.http.exchange import Answer, TimeLimits
from nproxy.providers.rules import CAPABILITIES, DrawRequest

P = ParamSpec("P")
R = TypeVar("R")

ANSWER_CAP = 64 * 1024 * 1024
ERROR_CAP = 64 * 1024
LISTING_CAP = 4 * 1024 * 1024
LISTING_SECONDS = 30
# What an answer is taken to weigh when it does not say: base64, an interim picture included.
EXPECTED_BYTES = {"1K": 4_000_000, "2K": 12_000_000, "4K": 32_000_000}
# From here on coding base64 would hold the event loop for more than about 5 ms.
OFF_LOOP_BYTES = 8_000_000
# The one model there is; whoever adds another passes its name along.
_MODEL = CAPABILITIES["nano_banana"]


class Stopwatch:
    """The time that passes after a moment which was given, not asked for."""

    def __init__(self, started_at: datetime) -> None:
        self._started_at = started_at
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began

    @property
    def now(self) -> datetime:
        return self._started_at + timedelta(seconds=self.seconds)


def words(request: DrawRequest) -> str:
    """The prompt as it is sent: no wire has a strength, so it becomes a clause before the person's words."""
    if not request.sources or request.strength is None:
        return request.prompt
    return f"{_MODEL.nearest_strength(request.strength).clause}\n\n{request.prompt}"


def drawing_limits(resolution: str) -> TimeLimits:
    """For a picture."""
    is_large = resolution == "4K"
    return _limits(settings.NPROXY_READ_TIMEOUT_4K if is_large else settings.NPROXY_READ_TIMEOUT)


def longest_drawing() -> float:
    """Seconds after which no picture can still be on its way, the wait for room to read it in aside."""
    return max(drawing_limits(resolution).total for resolution in EXPECTED_BYTES)


def listing_limits() -> TimeLimits:
    """For what costs nothing: lists, a key's own state."""
    return _limits(LISTING_SECONDS)


def _limits(read: float) -> TimeLimits:
    connect = settings.NPROXY_CONNECT_TIMEOUT
    return TimeLimits(connect=connect, write=connect, read=read)


async def read_drawing(answer: Answer, resolution: str) -> bytearray:
    """The body of an answer with a picture in it, once there is room for it. Raises `ExchangeFailed`.

    The room stays with the running task, as the picture does: until it leaves (`sessions.gate`) or ends.
    """
    await sessions.gate().enter(answer.size or EXPECTED_BYTES.get(resolution, ANSWER_CAP))
    return await answer.whole(ANSWER_CAP)


async def off_loop(weight: int, step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """`step`, in a thread when it has `weight` bytes to code that would hold up everyone else."""
    if weight < OFF_LOOP_BYTES:
        return step(*args, **kwargs)
    return await asyncio.to_thread(step, *args, **kwargs)
