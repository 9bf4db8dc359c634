"""The operators' home over a long past: how long its queries take, and what the clock spends so that they can."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from bench.figures import milliseconds, percentile
from bench.history import fill

GENERATIONS = 200_000
ATTEMPTS_EACH = 5
TIMES = 20


def measure(stack: object, scale: float) -> Iterator[dict[str, object]]:
    from django.utils import timezone

    from nproxy.assets import actions as assets
    from nproxy.generations import actions as generations
    from nproxy.providers import actions as providers
    from nproxy.staff.home.figures import figures

    count = int(GENERATIONS * scale)
    fill(generations=count, attempts_each=ATTEMPTS_EACH)
    now = timezone.now()
    first = {
        "count_generations": lambda: generations.count_ended(now=now),
        "count_attempts": lambda: providers.count_attempts(now=now),
        "measure_hour": lambda: providers.refresh_standings(hours=1, now=now),
        "measure_day": lambda: providers.refresh_standings(hours=24, now=now),
        "measure_week": lambda: providers.refresh_standings(hours=168, now=now),
        "measure_storage": lambda: assets.measure_storage(now=now),
    }
    spent = {name: _timed(step)[0] for name, step in first.items()}
    took, statements = zip(*(_timed(lambda: figures(timezone.now())) for _ in range(TIMES)), strict=True)
    yield {
        "row": "operators' home",
        "generations": count,
        "attempts": count * ATTEMPTS_EACH,
        "p50_ms": milliseconds(percentile(took, 0.5)),
        "p95_ms": milliseconds(percentile(took, 0.95)),
        "sql_ms": milliseconds(percentile(statements, 0.5)),
    }
    again = {
        "count_ms": milliseconds(_timed(lambda: providers.count_attempts(now=timezone.now()))[0]),
        "list_ms": milliseconds(_timed(_newest)[0]),
    }
    yield {
        "row": "what the clock spends",
        **{name: milliseconds(each) for name, each in spent.items()},
        **again,
    }


def _newest() -> None:
    from nproxy.generations.models import Generation

    list(Generation.objects.order_by("-id").select_related("user")[:50])


def _timed(step: Callable[[], object]) -> tuple[float, float]:
    """Seconds that a step takes, and how many of them are the database's."""
    from django.db import connection

    spent = 0.0

    def watch(execute: Callable[..., object], *arguments: object) -> object:
        nonlocal spent
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent += time.perf_counter() - began

    began = time.perf_counter()
    with connection.execute_wrapper(watch):
        step()
    return time.perf_counter() - began, spent
