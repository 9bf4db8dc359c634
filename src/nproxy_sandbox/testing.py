"""Stand-ins inside a test's own process: real servers on free ports, in threads, their control at hand."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from nproxy_sandbox.certificates import make_certificates
from nproxy_sandbox.control import Control
from nproxy_sandbox.drawing.studio import FlatStudio, ThreadedStudio
from nproxy_sandbox.gemini.server import make_app, make_control
from nproxy_sandbox.serving import start

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Running:
    """A stand-in that listens. `control` takes orders and knows the calls, `authority` is its CA."""

    base_url: str
    control: Control
    authority: Path | None = None


@contextmanager
def running_gemini(
    latency: float = 0.0, flat_bytes: int | None = None, tls_dir: Path | None = None
) -> Iterator[Running]:
    """A Gemini stand-in until the block ends.

    `latency` is in seconds; with `flat_bytes` it hands out one picture of about that size and draws nothing;
    with `tls_dir` it speaks https, its CA kept there.
    """
    control = make_control(latency)
    app = make_app(control, ThreadedStudio() if flat_bytes is None else FlatStudio(flat_bytes))
    certificates = make_certificates(tls_dir, HOST) if tls_dir else None
    with _in_thread(app, certificates.server_context() if certificates else None) as base_url:
        yield Running(base_url, control, certificates.authority if certificates else None)


@contextmanager
def _in_thread(app: web.Application, tls: ssl.SSLContext | None) -> Iterator[str]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    runner, base_url = asyncio.run_coroutine_threadsafe(start(app, HOST, 0, tls), loop).result()
    try:
        yield base_url
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
