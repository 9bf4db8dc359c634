"""`nproxy setup`: the first run on a server, in two halves. Settings need a folder and nothing else; people, keys and
checks need the database that the settings name.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from nproxy.cli import env_file
from nproxy.cli.door import start_django

# By name: config stands above this storey.
READING = "nproxy.config.reading"
MAIL_PORT = 587
IMPLICIT_TLS_PORT = 465


@dataclass(frozen=True)
class Question:
    """One setting. `parser` names the function that knows whether the answer can be one."""

    name: str
    words: str
    parser: str = "text"
    is_optional: bool = True
    is_secret: bool = False


QUESTIONS = (
    Question("NPROXY_NOWPAYMENTS_API_KEY", "NOWPayments: API key", is_secret=True),
    Question("NPROXY_NOWPAYMENTS_IPN_SECRET", "NOWPayments: IPN secret", "one_or_two", is_secret=True),
    Question("NPROXY_NOWPAYMENTS_COINS", "Coins to offer (usdttrc20,btc,ltc)", "words"),
    Question("NPROXY_NOWPAYMENTS_PAYOUT_COIN", "Coin that you are paid out in (usdttrc20)"),
    Question("NPROXY_TELEGRAM_TOKEN", "Telegram: the bot's token, from @BotFather", is_secret=True),
)
GENERATED: dict[str, Callable[[], str]] = {
    "NPROXY_DATABASE_PASSWORD": lambda: secrets.token_hex(32),
    "NPROXY_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "NPROXY_ENCRYPTION_KEYS": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
}


@click.command()
@click.option(
    "--folder",
    default=".",
    show_default=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where .env is kept.",
)
@click.option("--settings-only", is_flag=True, help="Write .env and end: nothing runs yet.")
@click.option(
    "--people-only", is_flag=True, help="Leave .env alone: first operator, plan, first key, checks."
)
@click.pass_context
def setup(ctx: click.Context, folder: Path, settings_only: bool, people_only: bool) -> None:
    """First run on a server: asks for what is missing, writes .env, makes the first operator, and checks. Can be
    run again: what is there is kept.

    \b
    Example: nproxy setup
    """
    if not people_only:
        _settings(folder)
    if not settings_only:
        # Here: its rooms need Django, which needs the settings.
        start_django()
        people: Any = import_module("nproxy.cli.setup_people")
        people.first_people(ctx, has_just_started=people_only)


def _settings(folder: Path) -> None:
    file, example = folder / ".env", folder / ".env.example"
    text = file.read_text() if file.exists() else example.read_text() if example.exists() else ""
    has = env_file.values(text)
    new: dict[str, str] = {}
    if "DOMAIN" not in has and "NPROXY_BASE_URL" not in has:
        new["DOMAIN"] = _ask(
            Question("DOMAIN", "The site's name (draw.example.com)", is_optional=False), _domain
        )
    if "NPROXY_EMAIL_URL" not in has:
        new["NPROXY_EMAIL_URL"] = _mail()
    for question in QUESTIONS:
        if question.name not in has and (answer := _ask(question, _parser(question.parser))):
            new[question.name] = answer
    new |= {name: make() for name, make in GENERATED.items() if name not in has}
    if not new:
        click.echo(f"{file} has everything already.")
        return
    _write(file, env_file.filled(text, new))
    click.echo(f"Wrote {', '.join(new)} to {file}. Keep a copy of it elsewhere: a backup does not hold it.")


def _ask(question: Question, parse: Callable[[str], object]) -> str:
    """The answer, asked for until it can be one; "" when skipped."""
    hint = " [Enter: later]" if question.is_optional else ""
    while True:
        answer = str(
            click.prompt(question.words + hint, default="", show_default=False, hide_input=question.is_secret)
        )
        answer = answer.strip()
        try:
            if not answer and question.is_optional:
                return ""
            parse(answer)
            env_file.filled("", {question.name: answer})
        except ValueError as error:
            click.echo(f"It {error}.", err=True)
        else:
            return answer


def _mail() -> str:
    """The mail server's address, put together from what its provider tells."""
    host = _ask(Question("host", "Mail server (smtp.example.com)", is_optional=False), _domain)
    port = click.prompt("Its port", default=MAIL_PORT, type=click.IntRange(1, 65535))
    user = str(click.prompt("User name there", default="", show_default=False))
    password = str(click.prompt("Password", default="", show_default=False, hide_input=True)) if user else ""
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    address = f"smtp://{login}{host}:{port}?tls={'implicit' if port == IMPLICIT_TLS_PORT else 'starttls'}"
    _parser("email_url")(address)
    return address


def _domain(given: str) -> None:
    _parser("web_url")(f"https://{given}")
    if "/" in given or "." not in given.strip("."):
        raise ValueError("must be a name such as draw.example.com")


def _parser(name: str) -> Callable[[str], object]:
    parser: Callable[[str], object] = getattr(import_module(READING), name)
    return parser


def _write(file: Path, text: str) -> None:
    """Whole or not at all. The folder is closed to others; the file is not, as the containers' account is another."""
    file.parent.chmod(file.parent.stat().st_mode & 0o700)
    draft = file.with_name(f".env.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    draft.chmod(0o644)
    draft.replace(file)
