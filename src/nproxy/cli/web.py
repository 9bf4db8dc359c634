"""`nproxy web`: the site."""

from __future__ import annotations

import click

from nproxy.cli.door import start_django


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def web(host: str, port: int) -> None:
    """Serve the site. SIGTERM finishes open requests, at most 20 s, and ends.

    \b
    Example: nproxy web --port 8080
    """
    start_django()
    from nproxy.cli import serving  # here: `--help` must not pay for a server

    serving.serve(host, port)
