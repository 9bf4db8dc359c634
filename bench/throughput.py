"""Throughput: pictures that one worker stores when the provider takes no time, and where its CPU goes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from bench import cpu
from bench.figures import milliseconds
from bench.people import make_person
from bench.stack import Stack
from nproxy.conversations.rules import Wish
from nproxy.generations import actions as generations
from nproxy.generations.models import Generation
from nproxy.kit.ids import new_id
from nproxy.providers.rules import DrawRequest
from nproxy.routing import actions as routing

PICTURES = 400
WARM_UP = 16
IN_FLIGHT = 16


def measure(stack: Stack, scale: float) -> Iterator[dict[str, object]]:
    stack.latency(0)
    routed = asyncio.run(_routing_cpu(int(200 * scale)))
    with stack.process("bench.worker") as worker:
        _stored(WARM_UP)
        before = cpu.by_part(worker.pid)
        pictures = max(WARM_UP, int(PICTURES * scale))
        seconds = _stored(pictures)
        spent = cpu.by_part(worker.pid)
    spent.subtract(before)
    yield {
        "row": "throughput",
        "pictures": pictures,
        "per_second": round(pictures / seconds, 1),
        **_per_picture(spent, pictures, routed),
    }


def _per_picture(spent: Counter[str], pictures: int, routed: float) -> dict[str, object]:
    share = {part: milliseconds(spent[part] / pictures) for part in ("image coding", "database")}
    loop = spent["event loop"] / pictures
    return {
        "cpu_ms_all": milliseconds(sum(spent.values()) / pictures),
        "routing_and_decoding": milliseconds(routed),
        "image_coding": share["image coding"],
        "database": share["database"],
        "rest": milliseconds(max(0.0, loop - routed) + spent["other"] / pictures),
        "all_but_image_coding": milliseconds((sum(spent.values()) - spent["image coding"]) / pictures),
    }


def _stored(pictures: int) -> float:
    """Seconds from submitting so many wishes to the last picture stored."""
    wishes: list[UUID] = []
    began = time.perf_counter()
    while len(wishes) < pictures:
        person = make_person()
        for _ in range(settings.NPROXY_MAX_PENDING_PER_USER):
            started = generations.start(
                user_id=person.id,
                conversation_id=person.conversation,
                client_id=uuid4(),
                wish=Wish("a banana", "text_to_image", "1K", "1:1", "", 1),
                source_ids=[],
                now=timezone.now(),
            )
            wishes += [wish for wish, _ in started.generations]
    done = Generation.objects.filter(id__in=wishes)
    while done.filter(status__in=["queued", "running"]).exists():
        time.sleep(0.02)
    failed = done.exclude(status="succeeded").count()
    assert not failed, f"{failed} pictures failed"
    return time.perf_counter() - began


async def _routing_cpu(pictures: int) -> float:
    """CPU seconds on the event loop for one dispatch: lease, request, answer read and decoded, report."""
    request = DrawRequest("a banana", "1K", "1:1")
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def one() -> None:
        async with gate:
            await routing.dispatch(work=new_id(), model="nano_banana", request=request, clock=timezone.now)

    await asyncio.gather(*(one() for _ in range(WARM_UP)))
    began = time.thread_time()
    await asyncio.gather(*(one() for _ in range(pictures)))
    return (time.thread_time() - began) / pictures
