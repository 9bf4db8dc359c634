"""`nproxy worker`: draws pictures, sends mails, sweeps up."""

from __future__ import annotations

from pathlib import Path

import click

from nproxy.cli.door import with_database
from nproxy.cli.process import ALIVE_SECONDS


@click.command()
@click.option(
    "--grace",
    default=45,
    show_default=True,
    type=click.IntRange(0),
    help="Seconds that SIGTERM leaves running work.",
)
@click.option(
    "--alive-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"Touched every {ALIVE_SECONDS:.0f} s, for whoever watches from outside.",
)
@with_database
def worker(grace: int, alive_file: Path | None) -> None:
    """Draw pictures, send mails, sweep up. SIGTERM finishes what it can in time and hands the rest back;
    ten seconds later the worker has ended, whatever held it up.

    \b
    Example: nproxy worker
    """
    from nproxy.cli import working  # here: `--help` must not pay for a queue

    working.work(grace, alive_file)
