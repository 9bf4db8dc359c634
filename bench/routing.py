"""Routing alone: what a dispatch costs beside the provider's own time, with and without a fault on the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils import timezone

from bench.figures import milliseconds, percentile
from bench.stack import Stack
from nproxy.audit.rules import SYSTEM
from nproxy.kit.ids import new_id
from nproxy.kit.threads import in_database
from nproxy.providers import actions as providers
from nproxy.providers import queries as pool
from nproxy.providers.models import Cursor, ProviderKey
from nproxy.providers.rules import DrawRequest
from nproxy.providers.rules.health import ACTIVE
from nproxy.routing import actions as routing

REQUEST = DrawRequest("a banana", "1K", "1:1")
PICTURES = 300
FAILOVERS = 60
WARM_UP = 20
# Those whose own time is next to nothing, so that what is left is ours.
FAULTS = (
    "internal",
    "overloaded",
    "per_minute",
    "leaked",
    "depleted",
    "closed",
    "reset_mid_body",
    "truncated_json",
)


def measure(stack: Stack, scale: float) -> Iterator[dict[str, object]]:
    stack.latency(0)
    everybody = [key.id for key in pool.keys(timezone.now())]
    plain = asyncio.run(_overhead(max(WARM_UP, int(PICTURES * scale))))
    yield plain
    for key_id in everybody:
        providers.disable(key_id=key_id, actor=SYSTEM, now=timezone.now())
    for fault in FAULTS:
        yield asyncio.run(_failover(fault, max(5, int(FAILOVERS * scale))))
    for key_id in everybody:
        providers.activate(key_id=key_id, reason="bench", actor=SYSTEM, now=timezone.now())


async def _dispatched() -> tuple[float, routing.Drawn]:
    """Seconds beside the provider's, and the picture."""
    began = time.perf_counter()
    drawn = await routing.dispatch(work=new_id(), model="nano_banana", request=REQUEST, clock=timezone.now)
    return time.perf_counter() - began - drawn.provider_seconds, drawn


async def _overhead(pictures: int) -> dict[str, object]:
    for _ in range(WARM_UP):
        await _dispatched()
    seconds: list[float] = []
    with TemporaryDirectory(prefix="nproxy-bench-") as folder:
        began = time.process_time()
        for number in range(pictures):
            added, drawn = await _dispatched()
            seconds.append(added)
            _store(Path(folder) / str(number), drawn.data)
        spent = time.process_time() - began
    return {
        "row": "routing overhead",
        "pictures": pictures,
        "p50_ms": milliseconds(percentile(seconds, 0.5)),
        "p99_ms": milliseconds(percentile(seconds, 0.99)),
        "cpu_ms_decoded_and_stored": milliseconds(spent / pictures),
    }


def _store(path: Path, data: bytes) -> None:
    """As the store keeps an original: its digest, then its bytes."""
    sha256(data).hexdigest()
    path.write_bytes(data)


async def _failover(fault: str, times: int) -> dict[str, object]:
    """One key that fails, then one that draws; against the one that draws alone."""
    bad = await in_database(_add, fault, "bench-bad")
    good = await in_database(_add, "ok", "bench-good")
    alone, over = [], []
    for _ in range(times):
        await in_database(_fresh, bad, good, is_first=False)
        alone.append((await _dispatched())[0])
        await in_database(_fresh, bad, good, is_first=True)
        over.append((await _dispatched())[0])
    for key_id in (bad, good):
        await in_database(
            lambda gone: providers.remove(key_id=gone, actor=SYSTEM, now=timezone.now()), key_id
        )
    return {
        "row": "failover",
        "fault": fault,
        "times": times,
        "added_p50_ms": milliseconds(percentile(over, 0.5) - percentile(alone, 0.5)),
        "added_p95_ms": milliseconds(percentile(over, 0.95) - percentile(alone, 0.5)),
    }


def _add(fault: str, label: str) -> int:
    secret = f"AQ.sandbox-{fault}-{label}"
    return providers.add_key(provider="gemini", label=label, secret=secret, actor=SYSTEM, now=timezone.now())


def _fresh(bad: int, good: int, *, is_first: bool) -> None:
    """Both without a blemish, and whose turn it is."""
    ProviderKey.objects.filter(id__in=(bad, good)).update(
        state=ACTIVE, failures=0, cooldown_since=None, cooldown_until=None, suspect=None
    )
    Cursor.objects.update(last_key_id=good if is_first else bad)
