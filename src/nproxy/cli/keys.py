"""`nproxy keys`: the pool of provider keys."""

from __future__ import annotations

import asyncio

import click
from django.utils import timezone

from nproxy.cli import show
from nproxy.cli.door import AlreadySo, Answers, NotFound, actor, read_secret, refusals, with_database
from nproxy.kit.secrets import WrongEncryptionKey
from nproxy.providers import actions as providers
from nproxy.providers import queries
from nproxy.providers.rules import PROVIDERS

UNKNOWN: Answers = {providers.UnknownKey: NotFound("No key has this number; `nproxy keys list` shows them.")}

key_argument = click.argument("key_id", metavar="ID", type=int)


@click.group()
def keys() -> None:
    """Provider keys: add, list, test, activate, disable, remove."""


@keys.command()
@click.option("--provider", required=True, type=click.Choice(sorted(PROVIDERS)))
@click.option("--label", required=True, help="The name by which you know it.")
@click.option("--account", default="", help="Keys that share money share this.")
@with_database
def add(provider: str, label: str, account: str) -> None:
    """Put a key into the pool. The secret is read from standard input, or asked.

    \b
    Example: nproxy keys add --provider gemini --label "main 1" < key.txt
    """
    answers: Answers = {
        providers.LabelTaken: AlreadySo,
        providers.DuplicateKey: AlreadySo,
        providers.BadKey: click.ClickException,
    }
    secret = read_secret("Key")
    with refusals(answers):
        key_id = providers.add_key(
            provider=provider, label=label, secret=secret, account=account, actor=actor(), now=timezone.now()
        )
    click.echo(f"Added as {key_id}. Try it: nproxy keys test {key_id}")


COLUMNS = (
    "id",
    "provider",
    "label",
    "ends in",
    "account",
    "status",
    "until",
    "failures",
    "drawing",
    "good",
    "last error",
)


@keys.command(name="list")
@show.json_option
@with_database
def list_all(as_json: bool) -> None:
    """The pool, in the order of turns. Counts are of the last 24 hours.

    \b
    Example: nproxy keys list
    """
    lines = queries.keys(timezone.now())
    if as_json:
        show.as_json(lines)
        return
    show.table(
        COLUMNS,
        [
            (
                one.id,
                one.provider,
                one.label,
                one.tail,
                one.account,
                one.status,
                one.cooldown_until,
                one.failures,
                one.in_flight,
                f"{one.successes}/{one.attempts}",
                one.last_error[:60],
            )
            for one in lines
        ],
    )


@keys.command()
@key_argument
@click.option("--draw", is_flag=True, help="Draw a real picture, which costs money; else list the models.")
@with_database
def test(key_id: int, draw: bool) -> None:
    """Try one key now; exit 1 if it does not work. Changes nothing about the key.

    \b
    Example: nproxy keys test 3 --draw
    """
    with refusals({**UNKNOWN, WrongEncryptionKey: click.ClickException}):
        result = asyncio.run(providers.test_key(key_id=key_id, draw=draw, actor=actor(), now=timezone.now()))
    proof = f"drew {result.image_bytes:,} bytes" if draw else "it sees the model"
    if not result.is_ok:
        raise click.ClickException(f"Key {key_id}: {result.verdict.value}. {result.detail}".strip())
    click.echo(f"Key {key_id} works, {proof}, in {result.seconds:.1f} s.")


@keys.command()
@key_argument
@click.option("--reason", required=True, help="Kept in the audit log.")
@with_database
def activate(key_id: int, reason: str) -> None:
    """Return a key to service, from whatever state, with its failures forgotten.

    \b
    Example: nproxy keys activate 3 --reason "topped up"
    """
    with refusals({**UNKNOWN, providers.AlreadyActive: AlreadySo(f"Key {key_id} is in service already.")}):
        providers.activate(key_id=key_id, reason=reason, actor=actor(), now=timezone.now())
    click.echo(f"Key {key_id} is in service.")


@keys.command()
@key_argument
@click.option("--reason", default="", help="Kept in the audit log.")
@with_database
def disable(key_id: int, reason: str) -> None:
    """Take a key out of service until `activate`. What it draws now, it finishes.

    \b
    Example: nproxy keys disable 3
    """
    with refusals({**UNKNOWN, providers.AlreadyDisabled: AlreadySo(f"Key {key_id} is disabled already.")}):
        providers.disable(key_id=key_id, reason=reason, actor=actor(), now=timezone.now())
    click.echo(f"Key {key_id} is disabled.")


@keys.command()
@key_argument
@click.option("--reason", default="", help="Kept in the audit log.")
@with_database
def remove(key_id: int, reason: str) -> None:
    """Forget a key and its secret. What it did stays on record.

    \b
    Example: nproxy keys remove 3
    """
    with refusals(UNKNOWN):
        providers.remove(key_id=key_id, reason=reason, actor=actor(), now=timezone.now())
    click.echo(f"Key {key_id} is gone.")
