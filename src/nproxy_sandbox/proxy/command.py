"""`python -m nproxy_sandbox proxy`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from nproxy_sandbox.certificates import make_certificates
from nproxy_sandbox.proxy.server import GREETINGS, ProxyServer, make_control, start
from nproxy_sandbox.serving import options, told_to_stop

PORT = 9120


def main(argv: list[str]) -> None:
    """Serve the proxy stand-in until told to stop."""
    parser = options("proxy", PORT)
    parser.add_argument(
        "--kind", choices=sorted(GREETINGS), default="http", help="what it speaks (default http)"
    )
    parser.add_argument("--login", metavar="USER:PASSWORD", help="admit only this one (default: anybody)")
    try:
        asyncio.run(_serve(parser.parse_args(argv)))
    except OSError as error:
        sys.exit(f"cannot listen: {error}")


async def _serve(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="sandbox-ca-") as folder:
        impostor = make_certificates(Path(folder) / "impostor", arguments.host).server_context()
        tls = None
        if arguments.kind == "https":
            certificates = make_certificates(arguments.tls_dir or Path(folder) / "own", arguments.host)
            tls = certificates.server_context()
            print(f"CA: {certificates.authority}", flush=True)
        login = tuple(arguments.login.split(":", 1)) if arguments.login else None
        proxy = ProxyServer(make_control(), arguments.kind, login, impostor)
        stop = told_to_stop()
        server, address = await start(proxy, arguments.kind, arguments.host, arguments.port, tls)
        async with server:
            print(f"Sandbox proxy: {address}", flush=True)
            await stop.wait()
            await proxy.close()
