"""`nproxy ledger`: the quotas' journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nproxy.cli import show
from nproxy.cli.door import with_database
from nproxy.quota import queries as quota

if TYPE_CHECKING:
    from nproxy.quota.queries import Difference

HEADINGS = (
    "quota",
    "row: limit",
    "used",
    "held",
    "unpaid",
    "journal: limit",
    "used",
    "held",
    "holds: captured",
    "open",
    "unpaid",
)


@click.group()
def ledger() -> None:
    """Quotas: verify."""


@ledger.command()
@show.json_option
@with_database
def verify(as_json: bool) -> None:
    """Recompute every cycle from its entries; exit 1 and the rows that differ.

    \b
    Example: nproxy ledger verify
    """
    differences = quota.verify()
    if as_json:
        show.as_json(differences)
    elif differences:
        show.table(HEADINGS, [_row(one) for one in differences])
    else:
        click.echo("Every cycle adds up.")
    if differences:
        raise SystemExit(1)


def _row(one: Difference) -> tuple[object, ...]:
    return (
        one.quota_id,
        one.row.limit,
        one.row.used,
        one.row.held,
        one.unpaid,
        one.journal.limit,
        one.journal.used,
        one.journal.held,
        one.holds_captured,
        one.holds_open,
        one.holds_unpaid,
    )
