"""`nproxy cycles`: access."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from nproxy.cli.door import (
    AlreadySo,
    Answers,
    NotFound,
    actor,
    reason_option,
    refusals,
    right_now,
    with_database,
)
from nproxy.cli.users import person
from nproxy.generations import actions as generations
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries


@click.group()
def cycles() -> None:
    """Access: grant, extend, suspend, resume."""


@cycles.command()
@click.argument("email")
@click.option("--months", default=1, show_default=True, type=click.IntRange(1, 120))
@click.option("--limit", type=click.IntRange(1), help="Requests in the cycle; the plan's limit if not given.")
@reason_option
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
    now = right_now()
    with refusals(answers):
        subscriptions.grant(
            user_id=found.id, months=months, limit=limit, reason=reason, actor=actor(), now=now
        )
    click.echo(f"Granted. {standing(found.id, found.email, now)}")


@cycles.command()
@click.argument("email", required=False)
@click.option("--days", required=True, type=click.IntRange(1, 3650))
@click.option("--all", "everyone", is_flag=True, help="Everyone who has a cycle, once for each reason.")
@click.option(
    "--since",
    type=click.DateTime(),
    help="With --all: those too whose cycle ended at this moment (UTC) or later.",
)
@click.option("--yes", is_flag=True, help="With --all: do not ask.")
@reason_option
@with_database
def extend(
    *, email: str | None, days: int, everyone: bool, since: datetime | None, yes: bool, reason: str
) -> None:
    """Make the cycle that runs longer; one that waits behind it moves with it.

    With --all everyone's, after an outage. It may be repeated: the same reason reaches nobody twice.

    \b
    Example: nproxy cycles extend ann@example.com --days 2 --reason "a lost weekend"
    Example: nproxy cycles extend --all --days 1 --since "2026-11-21 10:00:00" --reason "outage of 21 November"
    """
    if everyone == bool(email) or (since and not everyone):
        raise click.UsageError("Name one person, or --all (with --since if you like).")
    now = right_now()
    if email:
        _extend_one(email, days, reason, now)
    else:
        _extend_all(days, since.replace(tzinfo=UTC) if since else now, reason, now, ask=not yes)


def _extend_one(email: str, days: int, reason: str, now: datetime) -> None:
    found = person(email)
    answers: Answers = {
        subscriptions.NothingRuns: NotFound(
            f"{found.email} has no cycle now. `nproxy cycles grant` gives one."
        ),
        subscriptions.BadPlan: click.ClickException,
    }
    with refusals(answers):
        subscriptions.extend(user_id=found.id, days=days, reason=reason, actor=actor(), now=now)
    click.echo(f"Extended. {standing(found.id, found.email, now)}")


def _extend_all(days: int, since: datetime, reason: str, now: datetime, *, ask: bool) -> None:
    people = queries.with_cycle_since(since, now)
    if ask:
        click.confirm(f"{len(people)} people, {days} days each. Go on?", abort=True)
    done = [_is_made_good(user_id, days, since, reason, now) for user_id in people]
    click.echo(
        f"Extended by {days} days: {done.count(True)}. Had these days already: {done.count(False)}."
        f" Ended too long ago: {done.count(None)}."
    )


def _is_made_good(user_id: int, days: int, since: datetime, reason: str, now: datetime) -> bool | None:
    """Whether the days are new, None for someone whom they would not help."""
    try:
        return subscriptions.make_good(
            user_id=user_id, days=days, since=since, reason=reason, actor=actor(), now=now
        )
    except subscriptions.NothingRuns:
        return None


@cycles.command()
@click.argument("email")
@reason_option
@with_database
def suspend(email: str, reason: str) -> None:
    """Stop a person from drawing, and cancel what they have in line. The cycle's time goes on.

    \b
    Example: nproxy cycles suspend ann@example.com --reason "asked for a check"
    """
    found = person(email)
    answers: Answers = {subscriptions.AlreadySuspended: AlreadySo(f"{found.email} is suspended already.")}
    with refusals(answers):
        canceled = generations.suspend(user_id=found.id, reason=reason, actor=actor(), now=right_now())
    click.echo(f"Suspended {found.email}. Cancelled in line: {canceled}.")


@cycles.command()
@click.argument("email")
@reason_option
@with_database
def resume(email: str, reason: str) -> None:
    """End a suspension.

    \b
    Example: nproxy cycles resume ann@example.com --reason "checked, all is well"
    """
    found = person(email)
    answers: Answers = {subscriptions.NotSuspended: AlreadySo(f"{found.email} is not suspended.")}
    now = right_now()
    with refusals(answers):
        subscriptions.resume(user_id=found.id, reason=reason, actor=actor(), now=now)
    click.echo(f"Resumed. {standing(found.id, found.email, now)}")


def standing(user_id: int, email: str, now: datetime) -> str:
    """How things stand after the change, on one line."""
    access = queries.subscription(user_id, now)
    line = f"{email}: {access.state}"
    if access.ends_at:
        line += f" {'since' if access.state == 'expired' else 'until'} {access.ends_at:%Y-%m-%d %H:%M:%S} UTC"
    if access.queued:
        line += f", then until {access.queued.ends_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{line}."
