"""`nproxy pair`: let somebody into the Telegram bot."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from nproxy.cli import show
from nproxy.cli.door import AlreadySo, Answers, NotFound, actor, refusals, right_now, with_database
from nproxy.telegram import actions as telegram
from nproxy.telegram import queries
from nproxy.telegram.rules.wording import span

if TYPE_CHECKING:
    from nproxy.telegram.queries import PairingView

AGAIN = "Ask them to send /start to the bot again, and use the code that it answers."


def code_refusals() -> Answers:
    """What is wrong with a code, in words, with what to do."""
    return {
        telegram.UnknownCode: NotFound(f"Nobody was told this code. {AGAIN}"),
        telegram.CodeExpired: NotFound(f"This code is more than an hour old. {AGAIN}"),
        telegram.CodeUsed: AlreadySo("This code was used before; each is good for once."),
        telegram.AlreadyPaired: AlreadySo(
            "This Telegram account is paired already; `nproxy admins list` shows it."
        ),
    }


@click.command()
@click.argument("code")
@click.option(
    "--role",
    default="operator",
    show_default=True,
    type=click.Choice(["operator", "viewer"]),
    help="Viewers look, operators act.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_database
def pair(code: str, role: str, yes: bool) -> None:
    """Let the person in who was told CODE by the bot: they get alerts, and may look or act.

    \b
    Example: nproxy pair 7KQ2MVXA
    """
    now = right_now()
    with refusals(code_refusals()):
        request = queries.pairing(code, now)
        _show(request, now)
        if not yes:
            click.confirm(f"Pair them as {role}?", abort=True)
        telegram.pair(code=code, role=role, actor=actor(), now=right_now())
    click.echo(f"Paired {request.name} as {role}. The bot greets them by itself.")


def _show(request: PairingView, now: datetime) -> None:
    show.facts(
        [
            ("Telegram id", request.telegram_id),
            ("name", request.name),
            ("username", f"@{request.username}" if request.username else ""),
            ("asked", f"{span(now - request.requested_at)} ago"),
        ]
    )
