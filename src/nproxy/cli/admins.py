"""`nproxy admins`: who may talk to the Telegram bot."""

from __future__ import annotations

import click

from nproxy.cli import show
from nproxy.cli.door import NotFound, actor, refusals, right_now, with_database
from nproxy.cli.pair import code_refusals
from nproxy.telegram import actions as telegram
from nproxy.telegram import queries


@click.group()
def admins() -> None:
    """Telegram admins: list, revoke, invite, reject."""


@admins.command(name="list")
@show.json_option
@with_database
def list_all(as_json: bool) -> None:
    """Who is paired, and who waits to be.

    \b
    Example: nproxy admins list
    """
    now = right_now()
    paired, waiting = queries.admins(), queries.waiting(now)
    if as_json:
        show.as_json({"admins": paired, "waiting": waiting})
        return
    show.table(
        ("telegram id", "name", "username", "role", "since", "blocked the bot"),
        [
            (one.telegram_id, one.name, one.username, one.role, one.paired_at, one.blocked_at)
            for one in paired
        ],
    )
    for one in waiting:
        click.echo(
            f"Waiting: {one.name} ({one.telegram_id}), until {one.expires_at:%H:%M} UTC: nproxy pair CODE"
        )


@admins.command()
@click.argument("who", metavar="ID|@USERNAME")
@with_database
def revoke(who: str) -> None:
    """Take somebody off the list: the bot is deaf to them from now on.

    \b
    Example: nproxy admins revoke @ann
    """
    unknown = NotFound(f"Nobody called {who} is paired; `nproxy admins list` shows who is.")
    with refusals({telegram.UnknownAdmin: unknown}):
        name = telegram.revoke(who=who, actor=actor(), now=right_now())
    click.echo(f"{name} is no longer paired.")


@admins.command()
@click.option("--role", default="operator", show_default=True, type=click.Choice(["operator", "viewer"]))
@with_database
def invite(role: str) -> None:
    """Make a link that lets one person in within an hour, even when strangers fill the queue.

    \b
    Example: nproxy admins invite --role viewer
    """
    word = telegram.invite(role=role, actor=actor(), now=right_now())
    bot = queries.bot()
    if bot is not None:
        click.echo(f"https://t.me/{bot.username}?start={word}")
    click.echo(f"Or send this to the bot: /start {word}")
    click.echo("Good for one person and one hour. Whoever has it gets in: hand it over with care.")


@admins.command()
@click.argument("code")
@with_database
def reject(code: str) -> None:
    """Turn the person away who was told CODE. They are told nothing.

    \b
    Example: nproxy admins reject 7KQ2MVXA
    """
    with refusals(code_refusals()):
        telegram.reject(code=code, actor=actor(), now=right_now())
    click.echo("Turned away.")
