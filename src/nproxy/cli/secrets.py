"""`nproxy secrets`: what is stored encrypted."""

from __future__ import annotations

import click

from nproxy.accounts import actions as accounts
from nproxy.audit import actions as audit
from nproxy.cli.door import actor, closed_secrets, refusals, right_now, with_database
from nproxy.providers import actions as providers


@click.group()
def secrets() -> None:
    """Stored secrets: rotate."""


@secrets.command()
@with_database
def rotate() -> None:
    """Encrypt every stored secret anew with the newest key of NPROXY_ENCRYPTION_KEYS. Safe to run again.

    \b
    Example: nproxy secrets rotate
    """
    with refusals(closed_secrets()):
        rotated = providers.rotate_secrets() + accounts.rotate_second_factors()
    audit.record(
        actor=actor(),
        action="secrets.rotated",
        target=("secrets", "all"),
        now=right_now(),
        before=None,
        after={"count": rotated},
    )
    click.echo(
        f"{rotated} secrets are sealed with the newest key. Older keys may go from NPROXY_ENCRYPTION_KEYS."
    )
