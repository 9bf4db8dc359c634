"""Stand-ins inside a test's own process: real servers on free ports, in threads, their control at hand."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from aiohttp import web

from nproxy_sandbox import serving
from nproxy_sandbox.certificates import make_certificates
from nproxy_sandbox.control import Control
from nproxy_sandbox.drawing.studio import FlatStudio, Studio, ThreadedStudio
from nproxy_sandbox.gemini import server as gemini
from nproxy_sandbox.nowpayments import server as nowpayments
from nproxy_sandbox.nowpayments.till import Till
from nproxy_sandbox.openrouter import server as openrouter
from nproxy_sandbox.proxy import server as proxying
from nproxy_sandbox.proxy.server import ProxyServer
from nproxy_sandbox.telegram import server as telegram
from nproxy_sandbox.telegram.chats import Switchboard

HOST = "127.0.0.1"
ANYTHING = "any"
# Connections that were cut need a few turns of the loop to be gone, TLS in TLS most of all.
GOODBYE_SECONDS = 0.05


@dataclass(frozen=True)
class Running:
    """A stand-in that listens. `control` takes orders and knows the calls, `authority` is its CA."""

    base_url: str
    control: Control
    authority: Path | None = None


@dataclass(frozen=True)
class RunningProxy:
    """A proxy that listens. Its control's keys are user names; `authority` is its CA if it speaks TLS."""

    address: str
    control: Control
    server: ProxyServer
    authority: Path | None = None

    def url(self, user: str = "", password: str = ANYTHING) -> str:
        """The address with credentials; the user `sandbox-FAULT-…` meets that fault."""
        if not user:
            return self.address
        return self.address.replace("://", f"://{quote(user, safe='')}:{quote(password, safe='')}@", 1)


@contextmanager
def running_gemini(
    latency: float = 0.0, flat_bytes: int | None = None, tls_dir: Path | None = None
) -> Iterator[Running]:
    """A Gemini stand-in until the block ends.

    `latency` is in seconds; with `flat_bytes` it hands out one picture of about that size and draws nothing;
    with `tls_dir` it speaks https, its CA kept there.
    """
    control = gemini.make_control(latency)
    with _running(gemini.make_app(control, _studio(flat_bytes)), control, tls_dir) as running:
        yield running


@dataclass(frozen=True)
class RunningProcessor:
    """A payment processor that listens: `origin` has its pages, `base_url` its wire, `till` everything else."""

    origin: str
    till: Till

    @property
    def base_url(self) -> str:
        """What NPROXY_NOWPAYMENTS_BASE_URL is set to."""
        return f"{self.origin}/v1"


@contextmanager
def running_nowpayments(pace: float = 1.0) -> Iterator[RunningProcessor]:
    """A NOWPayments stand-in until the block ends; confirmations take 1/`pace` of their time."""
    till = Till(pace)
    with _in_thread(_serving(nowpayments.make_app(till), None)) as origin:
        yield RunningProcessor(origin, till)


@dataclass(frozen=True)
class RunningTelegram:
    """A Bot API that listens. `board` has the phones, `control` takes orders by the methods' names."""

    base_url: str
    control: Control
    board: Switchboard
    token: str


@contextmanager
def running_telegram() -> Iterator[RunningTelegram]:
    """A Telegram stand-in until the block ends."""
    control, board = telegram.make_control(), Switchboard()
    with _in_thread(_serving(telegram.make_app(control, board), None)) as base_url:
        yield RunningTelegram(base_url, control, board, telegram.TOKEN)


@contextmanager
def running_openrouter(
    latency: float = 0.0, flat_bytes: int | None = None, tls_dir: Path | None = None
) -> Iterator[Running]:
    """An OpenRouter stand-in until the block ends; options as above. Its `base_url` ends in /api/v1."""
    control = openrouter.make_control(latency)
    with _running(openrouter.make_app(control, _studio(flat_bytes)), control, tls_dir) as running:
        yield Running(running.base_url + openrouter.ROOT, control, running.authority)


@contextmanager
def running_proxy(
    kind: str = "http", login: tuple[str, str] | None = None, tls_dir: Path | None = None
) -> Iterator[RunningProxy]:
    """A proxy of a kind (`http`, `https`, `socks5`) until the block ends.

    `login` is the one user and password it admits; None admits everybody. `https` wants a `tls_dir`.
    """
    control = proxying.make_control()
    with TemporaryDirectory(prefix="sandbox-impostor-") as impostor:
        proxy = ProxyServer(control, kind, login, make_certificates(Path(impostor), HOST).server_context())
        certificates = make_certificates(tls_dir, HOST) if tls_dir else None
        tls = certificates.server_context() if certificates else None
        with _in_thread(_listening(proxy, kind, tls)) as address:
            yield RunningProxy(address, control, proxy, certificates.authority if certificates else None)


def trust(path: Path, *authorities: Path | None) -> Path:
    """Write the given CAs into one file: what SSL_CERT_FILE takes."""
    path.write_bytes(b"".join(authority.read_bytes() for authority in authorities if authority))
    return path


def _studio(flat_bytes: int | None) -> Studio:
    return ThreadedStudio() if flat_bytes is None else FlatStudio(flat_bytes)


@contextmanager
def _running(app: web.Application, control: Control, tls_dir: Path | None) -> Iterator[Running]:
    certificates = make_certificates(tls_dir, HOST) if tls_dir else None
    tls = certificates.server_context() if certificates else None
    with _in_thread(_serving(app, tls)) as base_url:
        yield Running(base_url, control, certificates.authority if certificates else None)


@asynccontextmanager
async def _serving(app: web.Application, tls: ssl.SSLContext | None) -> AsyncIterator[str]:
    runner, base_url = await serving.start(app, HOST, 0, tls)
    try:
        yield base_url
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _listening(proxy: ProxyServer, kind: str, tls: ssl.SSLContext | None) -> AsyncIterator[str]:
    server, address = await proxying.start(proxy, kind, HOST, 0, tls)
    try:
        yield address
    finally:
        server.close()
        await proxy.close()


@contextmanager
def _in_thread(stand_in: AbstractAsyncContextManager[str]) -> Iterator[str]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    address = asyncio.run_coroutine_threadsafe(_entered(stand_in), loop).result()
    try:
        yield address
    finally:
        asyncio.run_coroutine_threadsafe(_left(stand_in), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _entered(stand_in: AbstractAsyncContextManager[str]) -> str:
    return await stand_in.__aenter__()


async def _left(stand_in: AbstractAsyncContextManager[str]) -> None:
    await stand_in.__aexit__(None, None, None)
    await asyncio.sleep(GOODBYE_SECONDS)
