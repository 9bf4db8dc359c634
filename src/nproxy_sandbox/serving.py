"""What every stand-in's command shares: its options, its address, and a clean stop on SIGINT and SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import signal
import ssl
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from nproxy_sandbox.certificates import make_certificates

# Google's own limit is 20 MB and must be reached in the handler, so that it answers in Google's words.
BODY_LIMIT = 32 * 1024 * 1024
# Open connections at the stop are long waits and hangs on purpose: nobody needs their end.
SHUTDOWN_SECONDS = 1.0


def options(name: str, port: int) -> argparse.ArgumentParser:
    """A parser with the options that all stand-ins have; the stand-in adds its own."""
    parser = argparse.ArgumentParser(prog=f"python -m nproxy_sandbox {name}")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=port, help="0 takes a free one (default %(default)s)")
    parser.add_argument("--tls", action="store_true", help="serve https with a certificate of an own CA")
    parser.add_argument("--tls-dir", type=Path, help="where the CA is kept (default: a new temporary folder)")
    return parser


async def start(
    app: web.Application, host: str, port: int, tls: ssl.SSLContext | None
) -> tuple[web.AppRunner, str]:
    """Start `app` and return its runner with the address it really listens on."""
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    await web.TCPSite(runner, host, port, ssl_context=tls).start()
    real_port = runner.addresses[0][1]
    return runner, f"{'https' if tls else 'http'}://{host}:{real_port}"


def serve(title: str, make_app: Callable[[], web.Application], arguments: argparse.Namespace) -> None:
    """Serve until SIGINT or SIGTERM. Prints `TITLE: URL` once it listens; under --tls `CA: PATH` first."""
    tls = None
    if arguments.tls:
        folder = arguments.tls_dir or Path(tempfile.mkdtemp(prefix="sandbox-ca-"))
        certificates = make_certificates(folder, arguments.host)
        tls = certificates.server_context()
        print(f"CA: {certificates.authority}", flush=True)
    try:
        asyncio.run(_serve(title, make_app, arguments, tls))
    except OSError as error:
        sys.exit(f"cannot listen on {arguments.host}:{arguments.port}: {error}")


async def _serve(
    title: str,
    make_app: Callable[[], web.Application],
    arguments: argparse.Namespace,
    tls: ssl.SSLContext | None,
) -> None:
    stop = told_to_stop()
    runner, address = await start(make_app(), arguments.host, arguments.port, tls)
    print(f"{title}: {address}", flush=True)
    try:
        await stop.wait()
    finally:
        await runner.cleanup()


def told_to_stop() -> asyncio.Event:
    """Set at SIGINT or SIGTERM. Ask for it before the address is printed: whoever reads that may stop us."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
