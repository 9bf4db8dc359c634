"""What the commands share: how Django and the database come up, who acts, and how an end is told.

Exit codes: 1 `click.ClickException` · 2 click's own usage errors · 3 `NotFound` · 4 `AlreadySo`.
"""

from __future__ import annotations

import functools
import getpass
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

import click

from nproxy.audit.rules import Actor
from nproxy.cli import rooms

# By name: config stands above this storey.
ENVIRONMENT = "nproxy.config.environment"

# How an error of a room ends the command; a class instead of an end takes the error's own words.
Answers = dict[type[Exception], click.ClickException | type[click.ClickException]]

reason_option = click.option("--reason", required=True, help="Kept in the audit log.")

P = ParamSpec("P")
R = TypeVar("R")


class NotFound(click.ClickException):
    """What the command is about is not there, or no longer."""

    exit_code = 3


class AlreadySo(click.ClickException):
    """There was nothing to do."""

    exit_code = 4


def environment() -> Any:
    """The settings from outside, without Django. A wrong one ends the command with the line that names it."""
    reader = import_module(ENVIRONMENT)
    try:
        return reader.current()
    except reader.SettingError as error:
        raise click.ClickException(str(error)) from error


def start_django() -> None:
    """Read the settings and load the rooms; a wrong setting ends the command with the line that names it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nproxy.config.settings")
    import django  # here, because `nproxy --help` must not pay for it

    reader = import_module(ENVIRONMENT)
    try:
        django.setup()
        rooms.load()
    except reader.SettingError as error:
        raise click.ClickException(str(error)) from error


def with_database(command: Callable[P, R]) -> Callable[P, R]:
    """Run the command with a database: the one that is set, or the embedded one for as long as it takes."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with database():
            return command(*args, **kwargs)

    return run


@contextmanager
def database() -> Iterator[None]:
    """Django and a database meanwhile; what is wrong with them becomes one line."""
    start_django()
    from django.conf import settings
    from django.db import OperationalError, ProgrammingError

    from nproxy.kit import postgres

    try:
        if settings.NPROXY_DATABASE_URL:
            yield
        else:
            _leave_in_order()
            with postgres.serving(settings.NPROXY_DATA_DIR):
                yield
    except postgres.PostgresUnavailable as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        raise click.ClickException(f"The database does not answer: {_first_line(error)}") from error
    except ProgrammingError as error:
        hint = "Run `nproxy migrate` first." if "does not exist" in str(error) else ""
        raise click.ClickException(f"{_first_line(error)}. {hint}".strip()) from error


def _leave_in_order() -> None:
    """Let SIGTERM end the command as Ctrl-C does: the last one out has to stop the embedded server."""

    def leave(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_IGN)  # once: a second one must not cut the leaving short
        sys.exit(128 + number)

    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, leave)


def actor() -> Actor:
    """Who types: the system's user on this host."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's numeric user has no name
        name = str(os.getuid())
    return Actor(kind="cli", name=name, origin=socket.gethostname())


def right_now() -> datetime:
    """What time it is. Django's own clock would bring Django to every `--help`."""
    return datetime.now(UTC)


@contextmanager
def refusals(answers: Answers) -> Iterator[None]:
    """Turn the rooms' errors into the ends named here."""
    try:
        yield
    except tuple(answers) as error:
        answer = next(answers[kind] for kind in type(error).__mro__ if kind in answers)
        raise (answer if isinstance(answer, click.ClickException) else answer(str(error))) from error


def closed_secrets() -> Answers:
    """A stored secret that does not open: its own words say which, and what to do."""
    from nproxy.kit import secrets  # here: `nproxy --help` must not pay for it

    return {secrets.WrongEncryptionKey: click.ClickException, secrets.SealBroken: click.ClickException}


def read_secret(what: str, *, confirm: bool = False) -> str:
    """Typed unseen, or one line of standard input; never an argument, which `ps` would show."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    secret: str = click.prompt(what, hide_input=True, confirmation_prompt=confirm)
    return secret.strip()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def require_open_secrets() -> None:
    """End the command when a stored secret does not open with NPROXY_ENCRYPTION_KEYS: better now than when
    somebody waits for a picture."""
    from django.db import connection  # here: `nproxy --help` must not pay for them

    from nproxy.providers import actions as providers

    closed = providers.unopened_secrets()
    connection.close()  # what follows asks the database in threads of its own
    if closed:
        more = f" (and {len(closed) - 1} more)" if len(closed) > 1 else ""
        raise click.ClickException(f"{closed[0]}{more}")
