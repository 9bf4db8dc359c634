"""In flight: a thousand pictures that take half a minute each, all at once on one worker."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from bench.people import make_person
from bench.stack import Stack
from nproxy.conversations.rules import Wish
from nproxy.generations import actions as generations
from nproxy.generations.models import Generation

GENERATIONS = 1000
PROVIDER_SECONDS = 30.0


def measure(stack: Stack, scale: float) -> Iterator[dict[str, object]]:
    stack.latency(PROVIDER_SECONDS)
    wanted = max(20, int(GENERATIONS * scale))
    os.environ["NPROXY_WORKER_CONCURRENCY"] = str(wanted)
    try:
        wishes = _sent(wanted)
        began = time.perf_counter()
        with stack.process("nproxy.cli", "worker") as worker:
            done = Generation.objects.filter(id__in=wishes)
            while done.filter(status__in=["queued", "running"]).exists():
                time.sleep(0.5)
            seconds = time.perf_counter() - began
            peak = _peak_megabytes(worker.pid)
    finally:
        del os.environ["NPROXY_WORKER_CONCURRENCY"]
        stack.latency(0)
    yield {
        "row": "in flight",
        "generations": wanted,
        "of_seconds": PROVIDER_SECONDS,
        "succeeded": done.filter(status="succeeded").count(),
        "seconds": round(seconds, 1),
        "peak_mb": peak,
    }


def _sent(wanted: int) -> list[UUID]:
    wishes: list[UUID] = []
    while len(wishes) < wanted:
        person = make_person()
        for _ in range(min(settings.NPROXY_MAX_PENDING_PER_USER, wanted - len(wishes))):
            started = generations.start(
                user_id=person.id,
                conversation_id=person.conversation,
                client_id=uuid4(),
                wish=Wish("a banana", "text_to_image", "1K", "1:1", "", 1),
                source_ids=[],
                now=timezone.now(),
            )
            wishes += [wish for wish, _ in started.generations]
    return wishes


def _peak_megabytes(pid: int) -> int:
    """The most memory that the process ever held. Linux only."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    raise AssertionError("no VmHWM")
