"""`nproxy plan`: what is for sale."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click

from nproxy.cli import show
from nproxy.cli.door import NotFound, actor, refusals, right_now, with_database
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries

LARGEST_PRICE = Decimal(1_000_000)


def _cents(ctx: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """US dollars as typed (`19`, `19.90`) to cents."""
    if value is None:
        return None
    try:
        cents = Decimal(value) * 100
        if 0 <= cents <= LARGEST_PRICE * 100 and cents == cents.to_integral_value():
            return int(cents)
    except InvalidOperation:  # no number, or NaN, which cannot be compared
        pass
    raise click.BadParameter("not an amount such as 19.90")


@click.group()
def plan() -> None:
    """What is for sale: show, set."""


@plan.command(name="show")
@show.json_option
@with_database
def show_plan(as_json: bool) -> None:
    """The active plan.

    \b
    Example: nproxy plan show
    """
    active = queries.active_plan()
    if active is None:
        raise NotFound("There is no plan yet: run `nproxy plan set`.")
    if as_json:
        show.as_json(active)
        return
    show.facts(
        [
            ("name", active.name),
            ("price", f"{active.price_cents // 100}.{active.price_cents % 100:02} USD a month"),
            ("limit", f"{active.request_limit} requests"),
            ("sales text", active.sales_text),
        ]
    )


@plan.command(name="set")
@click.option("--name")
@click.option("--price", "price_cents", callback=_cents, help="US dollars a month.")
@click.option("--limit", type=click.IntRange(1), help="Requests a month.")
@click.option("--text", "sales_text", help="What the landing page says about it.")
@with_database
def set_plan(name: str | None, price_cents: int | None, limit: int | None, sales_text: str | None) -> None:
    """Change what is given and keep the rest. Cycles already sold stay as they were sold.

    \b
    Example: nproxy plan set --name Studio --price 19 --limit 500
    """
    active = queries.active_plan()
    if active is None:
        if name is None or price_cents is None or limit is None:
            raise click.UsageError("The first plan needs --name, --price and --limit.")
        active = queries.PlanView(name, price_cents, limit, "")
    with refusals({subscriptions.BadPlan: click.ClickException}):
        subscriptions.set_plan(
            name=active.name if name is None else name,
            price_cents=active.price_cents if price_cents is None else price_cents,
            request_limit=active.request_limit if limit is None else limit,
            sales_text=active.sales_text if sales_text is None else sales_text,
            actor=actor(),
            now=right_now(),
        )
    click.echo("The plan is set.")
