"""What `nproxy web` does: the site, in one process (config/asgi.py)."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

import click
from django.conf import settings
from django.core.management import call_command
from django.utils.module_loading import import_string
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from nproxy.cli.door import database, require_open_secrets
from nproxy.cli.process import allow_many_files, on_stop
from nproxy.kit import presence

# Docker and systemd kill after a while of their own; long enough for a large picture over a slow line.
DRAIN_SECONDS = 20
BACKLOG = 1024


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM. Django is up."""
    if not is_free(host, port):
        raise click.ClickException(f"Port {port} of {host} is taken.")
    files = allow_many_files()
    if settings.NPROXY_ENV != "development" and settings.NPROXY_STATIC_DIR is None:
        # Before the application looks at what there is to serve.
        call_command("collectstatic", interactive=False, verbosity=0)
    application = import_string(settings.ASGI_APPLICATION)
    with database():
        require_open_secrets()
        click.echo(f"Listening on http://{host}:{port}")
        has_finished = asyncio.run(_serve(application, host, port, connections=files // 2))
    if not has_finished:
        click.echo("Some requests did not finish in time.", err=True)
        # Python's own end would wait for their threads.
        os._exit(1)


def is_free(host: str, port: int) -> bool:
    """Whether nobody listens there. The server itself would share the port with another one silently."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def server(application: Any, host: str, port: int, *, connections: int) -> Server:
    """The server for an ASGI application, which holds so many connections at once.

    Left to itself it holds as many as its backlog is long, 1,024: as many pages that only wait for news
    then keep everyone else out, health checks too.
    """
    return Server(
        application,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        backpressure=connections,
        log_level=LogLevels.error,
    )


async def _serve(application: Any, host: str, port: int, *, connections: int) -> bool:
    """Serve until told to stop; False if requests were still open after `DRAIN_SECONDS`."""
    site = server(application, host, port, connections=connections)
    stopping = asyncio.Event()
    on_stop(stopping.set)
    serving = asyncio.create_task(site.serve())
    told = asyncio.create_task(stopping.wait())
    async with presence.present("web", application.long_polls):
        await asyncio.wait((serving, told), return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()
        raise click.ClickException("The server ended by itself.")
    application.drain()
    site.stop()  # type: ignore[no-untyped-call]  # granian leaves it unannotated
    done, _ = await asyncio.wait((serving,), timeout=DRAIN_SECONDS)
    return bool(done)
