"""`nproxy bot`: the process that speaks with the operators over Telegram."""

from __future__ import annotations

import asyncio
from importlib import import_module

import click

from nproxy.cli.door import with_database
from nproxy.cli.process import on_stop

# By name: nobody else pays for its libraries.
PROCESS = "nproxy.bot.process"


@click.command()
@with_database
def bot() -> None:
    """Watch over the product, and speak with the paired operators over Telegram. One at a time; a second one waits.

    \b
    Example: nproxy bot
    """
    asyncio.run(_run())


async def _run() -> None:
    stopping = asyncio.Event()
    on_stop(stopping.set)
    click.echo("Watching.")
    from nproxy.kit import presence  # its models need Django

    try:
        async with presence.present("bot"):
            await import_module(PROCESS).run(stopping)
    except ValueError as error:  # no token
        raise click.ClickException(str(error)) from error
