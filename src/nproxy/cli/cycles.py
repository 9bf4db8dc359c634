"""`nproxy cycles`: access."""

from __future__ import annotations

import click
from django.utils import timezone

from nproxy.cli.door import AlreadySo, Answers, actor, refusals, with_database
from nproxy.cli.users import person
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries


@click.group()
def cycles() -> None:
    """Access: grant."""


@cycles.command()
@click.argument("email")
@click.option("--months", default=1, show_default=True, type=click.IntRange(1, 120))
@click.option("--limit", type=click.IntRange(1), help="Requests in the cycle; the plan's limit if not given.")
@click.option("--reason", required=True, help="Kept in the audit log.")
@with_database
def grant(email: str, months: int, limit: int | None, reason: str) -> None:
    """Give a person a cycle, at once or behind the one that runs.

    \b
    Example: nproxy cycles grant ann@example.com --months 3 --reason "press account"
    """
    found = person(email)
    answers: Answers = {
        subscriptions.AlreadyQueued: AlreadySo(f"{found.email} has a cycle waiting already."),
        subscriptions.NoPlan: click.ClickException(
            "There is no plan: name a --limit, or run `nproxy plan set`."
        ),
        subscriptions.BadPlan: click.ClickException,
    }
    now = timezone.now()
    with refusals(answers):
        subscriptions.grant(
            user_id=found.id, months=months, limit=limit, reason=reason, actor=actor(), now=now
        )
    access = queries.subscription(found.id, now)
    click.echo(f"Granted. {found.email}: {access.state} until {access.ends_at:%Y-%m-%d %H:%M:%S} UTC.")
