"""Pages: how long the server takes for a chat of someone with a long past, and what a browser feels of it."""

from __future__ import annotations

import asyncio
import io
import shutil
import statistics
import time
import urllib.request
from collections.abc import Iterator
from functools import cache
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from PIL import Image

from bench.archive import fill
from bench.figures import milliseconds, percentile
from bench.people import Person, make_person
from bench.stack import Stack
from nproxy.assets import actions as assets
from nproxy.generations.models import Generation

CONVERSATIONS = 200
IMAGES = 5000
REQUESTS = 100
VISITS = 5
SIZE = (1024, 1024)
# The lab profile: a middling phone of today on its network (as Lighthouse's "mobile" has it).
CPU_SLOWDOWN = 4
# What the browser itself says about its page, kept from before the first paint on.
WATCH = """
    window.felt = { lcp: 0, cls: 0, inp: 0 };
    const watch = (type, see, more) =>
        new PerformanceObserver((list) => list.getEntries().forEach(see)).observe({ type, buffered: true, ...more });
    watch("largest-contentful-paint", (entry) => { window.felt.lcp = entry.startTime; });
    watch("layout-shift", (entry) => { if (!entry.hadRecentInput) window.felt.cls += entry.value; });
    watch("event", (entry) => { window.felt.inp = Math.max(window.felt.inp, entry.duration); }, { durationThreshold: 16 });
"""


def measure(stack: Stack, scale: float) -> Iterator[dict[str, object]]:
    person = make_person()
    turns = max(1, IMAGES // CONVERSATIONS // 4)
    [newest, *_] = fill(person.id, conversations=CONVERSATIONS, turns=turns, images=4, now=timezone.now())
    _give_files(person.id, newest)
    seconds = sorted(_served(stack, person, newest) for _ in range(max(10, int(REQUESTS * scale))))
    yield {
        "row": "chat page",
        "conversations": CONVERSATIONS,
        "images": CONVERSATIONS * turns * 4,
        "p50_ms": milliseconds(percentile(seconds, 0.50)),
        "p95_ms": milliseconds(percentile(seconds, 0.95)),
    }
    if browser := shutil.which("chromium") or shutil.which("google-chrome"):
        yield {
            "row": "chat page in a browser",
            "slowed": CPU_SLOWDOWN,
            **_felt(stack, person, newest, browser),
        }


def _give_files(user_id: int, conversation: UUID) -> None:
    """Real pictures for the conversation that is looked at, stored as a worker stores them."""
    for generation in Generation.objects.filter(turn__conversation_id=conversation):
        stored = asyncio.run(assets.store_drawn(_picture(), user_id=user_id))
        generation.asset_id = assets.record_drawn(stored, now=timezone.now())
        generation.save(update_fields=["asset"])


@cache
def _picture() -> bytes:
    bands = [Image.effect_mandelbrot(SIZE, (-2.2 + 0.1 * band, -1.5, 1.0, 1.5), 60) for band in range(3)]
    file = io.BytesIO()
    Image.merge("RGB", bands).save(file, "JPEG", quality=90)
    return file.getvalue()


def _served(stack: Stack, person: Person, conversation: UUID) -> float:
    cookie = f"{settings.SESSION_COOKIE_NAME}={person.session}"
    request = urllib.request.Request(f"{stack.site}/chat/{conversation}/", headers={"Cookie": cookie})
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()
    return time.perf_counter() - began


def _felt(stack: Stack, person: Person, conversation: UUID, executable: str) -> dict[str, object]:
    """Medians of several first visits: LCP and INP in ms, CLS."""
    from playwright.sync_api import sync_playwright

    felt: list[dict[str, float]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        for _ in range(VISITS):
            context = browser.new_context(
                viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
            )
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": person.session, "url": stack.site}]
            )
            page = context.new_page()
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
            page.add_init_script(WATCH)
            page.goto(f"{stack.site}/chat/{conversation}/", wait_until="load")
            page.get_by_label("What to draw").press_sequentially("a banana", delay=60)
            page.wait_for_timeout(500)
            felt.append(page.evaluate("window.felt"))
            context.close()
        browser.close()
    medians = {name: statistics.median(each[name] for each in felt) for name in ("lcp", "inp", "cls")}
    return {"lcp_ms": round(medians["lcp"]), "inp_ms": round(medians["inp"]), "cls": round(medians["cls"], 3)}
