"""`nproxy users`: accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nproxy.accounts import actions as accounts
from nproxy.accounts import queries as people
from nproxy.accounts.rules import LONGEST_EMAIL, ROLES, normal_email
from nproxy.cli import show
from nproxy.cli.door import (
    AlreadySo,
    Answers,
    NotFound,
    actor,
    read_secret,
    reason_option,
    refusals,
    right_now,
    with_database,
)
from nproxy.generations import actions as generations
from nproxy.generations import queries as drawing
from nproxy.subscriptions import queries as subscriptions

if TYPE_CHECKING:
    from nproxy.accounts.queries import Person

NO_ROLE = "none"


def person(email: str) -> Person:
    """The person with this address. Raises NotFound."""
    found = people.find(email)
    if found is None:
        raise NotFound(f"Nobody has the address {email}.")
    return found


@click.group()
def users() -> None:
    """Accounts: create, role, reset-factor, show, list, unpause."""


@users.command()
@click.argument("email")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input; else it is asked."
)
@click.option("--role", type=click.Choice(ROLES), help="Makes an operator.")
@click.option("--verified", is_flag=True, help="The address counts as confirmed.")
@with_database
def create(email: str, password_stdin: bool, role: str | None, verified: bool) -> None:
    """Open an account.

    \b
    Example: nproxy users create ops@example.com --role owner --verified
    """
    password = read_secret("Password", confirm=not password_stdin)
    answers: Answers = {
        accounts.EmailTaken: AlreadySo(f"{email} has an account already."),
        accounts.EmailTooLong: click.ClickException(
            f"An e-mail address has at most {LONGEST_EMAIL} characters."
        ),
        accounts.InvalidEmail: click.ClickException(f"{email} is not an e-mail address."),
        accounts.WeakPassword: click.ClickException,
    }
    with refusals(answers):
        accounts.create_user(
            email=email,
            password=password,
            role=role or "",
            verified=verified,
            actor=actor(),
            now=right_now(),
        )
    click.echo(f"Created {normal_email(email)}.")


@users.command()
@click.argument("email")
@click.argument("role", type=click.Choice([*ROLES, NO_ROLE]))
@with_database
def role(email: str, role: str) -> None:
    """Make someone an operator, or nobody special again.

    \b
    Example: nproxy users role ops@example.com viewer
    """
    found = person(email)
    with refusals({accounts.AlreadySo: AlreadySo(f"{found.email} has this role already.")}):
        accounts.set_role(
            user_id=found.id, role="" if role == NO_ROLE else role, actor=actor(), now=right_now()
        )
    click.echo(f"{found.email}: {role}.")


@users.command(name="reset-factor")
@click.argument("email")
@reason_option
@with_database
def reset_factor(email: str, reason: str) -> None:
    """Take away a lost second factor; it is set up anew at the next sign-in.

    \b
    Example: nproxy users reset-factor ops@example.com --reason "lost the phone, called from a known number"
    """
    found = person(email)
    with refusals({accounts.NoSecondFactor: AlreadySo(f"{found.email} has no second factor.")}):
        accounts.remove_second_factor(user_id=found.id, reason=reason, actor=actor(), now=right_now())
    click.echo(f"{found.email} sets up a new second factor at the next sign-in.")


@users.command(name="show")
@click.argument("email")
@show.json_option
@with_database
def show_one(email: str, as_json: bool) -> None:
    """One account and its access.

    \b
    Example: nproxy users show ann@example.com
    """
    found = person(email)
    now = right_now()
    access, paused = subscriptions.subscription(found.id, now), drawing.paused_until(found.id, now)
    if as_json:
        show.as_json({"person": found, "subscription": access, "paused_until": paused})
        return
    show.facts(
        [
            ("email", found.email),
            ("role", found.role),
            ("verified", found.verified),
            ("blocked", not found.is_active),
            ("since", found.created_at),
            ("access", access.state),
            ("access ends", access.ends_at),
            ("quota", f"{access.quota}%"),
            ("paused until", paused),
        ]
    )


@users.command()
@click.argument("email")
@reason_option
@with_database
def unpause(email: str, reason: str) -> None:
    """Let someone draw again whom twenty refusals within an hour have paused.

    \b
    Example: nproxy users unpause ann@example.com --reason "a misunderstanding, spoken to"
    """
    found = person(email)
    with refusals({generations.NotPossible: AlreadySo(f"{found.email} is not paused.")}):
        generations.end_pause(user_id=found.id, reason=reason, actor=actor(), now=right_now())
    click.echo(f"{found.email} may draw again.")


@users.command(name="list")
@click.option("--search", default="", help="A part of the address.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="The newest so many.")
@show.json_option
@with_database
def list_all(search: str, limit: int, as_json: bool) -> None:
    """Accounts, the newest first.

    \b
    Example: nproxy users list --search example.com
    """
    found = people.people(limit=limit, search=search)
    if as_json:
        show.as_json(found)
        return
    show.table(
        ("email", "role", "verified", "blocked", "since"),
        [(one.email, one.role, one.verified, not one.is_active, one.created_at) for one in found],
    )
