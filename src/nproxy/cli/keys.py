"""`nproxy keys`: the pool of provider keys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import click

from nproxy.cli import show
from nproxy.cli.door import (
    AlreadySo,
    Answers,
    NotFound,
    actor,
    closed_secrets,
    read_secret,
    refusals,
    right_now,
    with_database,
)
from nproxy.cli.money import Dollars, dollars
from nproxy.cli.or_none import NONE, OrNone
from nproxy.cli.proxies import unknown_proxy
from nproxy.providers import actions as providers
from nproxy.providers import queries
from nproxy.providers.rules import PROVIDERS

if TYPE_CHECKING:
    from nproxy.providers.queries import KeyLine

key_argument = click.argument("key_id", metavar="ID", type=int)


@click.group()
def keys() -> None:
    """Provider keys: add, list, test, activate, disable, set, remove, balance."""


def _unknown() -> Answers:
    return {providers.UnknownKey: NotFound("No key has this number; `nproxy keys list` shows them.")}


@keys.command()
@click.option("--provider", required=True, type=click.Choice(sorted(PROVIDERS)))
@click.option("--label", required=True, help="The name by which you know it.")
@click.option("--account", default="", help="Keys that share money share this.")
@click.option("--proxy", default="", metavar="NAME", help="The proxy that it goes out by.")
@with_database
def add(provider: str, label: str, account: str, proxy: str) -> None:
    """Put a key into the pool. The secret is read from standard input, or asked.

    \b
    Example: nproxy keys add --provider gemini --label "main 1" < key.txt
    """
    answers: Answers = {
        **unknown_proxy(),
        providers.LabelTaken: AlreadySo,
        providers.DuplicateKey: AlreadySo,
        providers.BadKey: click.ClickException,
    }
    secret = read_secret("Key")
    with refusals(answers):
        key_id = providers.add_key(
            provider=provider,
            label=label,
            secret=secret,
            account=account,
            proxy=proxy,
            actor=actor(),
            now=right_now(),
        )
    click.echo(f"Added as {key_id}. Try it: nproxy keys test {key_id}")


@keys.command(name="list")
@show.json_option
@with_database
def list_all(as_json: bool) -> None:
    """The pool, in the order of turns. Counts are of the last 24 hours.

    \b
    Example: nproxy keys list
    """
    lines = queries.keys(right_now())
    if as_json:
        show.as_json(lines)
        return
    show.table(HEADINGS, [_row(one) for one in lines])


HEADINGS = (
    "id",
    "provider",
    "label",
    "ends in",
    "account",
    "proxy",
    "status",
    "until",
    "failures",
    "drawing",
    "good",
    "cost",
    "balance",
    "last error",
)


def _row(one: KeyLine) -> tuple[object, ...]:
    drawing = f"{one.in_flight}/{one.max_in_flight}" if one.max_in_flight else one.in_flight
    balance = one.balance if one.balance_microusd is None else dollars(one.balance_microusd)
    return (
        one.id,
        one.provider,
        one.label,
        one.tail,
        one.account,
        one.proxy,
        one.status,
        one.cooldown_until,
        one.failures,
        drawing,
        f"{one.successes}/{one.attempts}",
        dollars(one.cost_microusd),
        balance,
        one.last_error[:60],
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
    with refusals({**_unknown(), **closed_secrets()}):
        result = asyncio.run(providers.test_key(key_id=key_id, draw=draw, actor=actor(), now=right_now()))
    proof = f"drew {result.image_bytes:,} bytes" if draw else "it sees the model"
    if not result.is_ok:
        raise click.ClickException(f"Key {key_id}: {result.verdict.value}. {result.detail}".strip())
    via = f" through {result.via}" if result.via else ""
    click.echo(f"Key {key_id} works, {proof}, in {result.seconds:.1f} s{via}.")


@keys.command()
@key_argument
@click.option("--reason", required=True, help="Kept in the audit log.")
@with_database
def activate(key_id: int, reason: str) -> None:
    """Return a key to service, from whatever state, with its failures forgotten.

    \b
    Example: nproxy keys activate 3 --reason "topped up"
    """
    with refusals({**_unknown(), providers.AlreadyActive: AlreadySo(f"Key {key_id} is in service already.")}):
        providers.activate(key_id=key_id, reason=reason, actor=actor(), now=right_now())
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
    with refusals({**_unknown(), providers.AlreadyDisabled: AlreadySo(f"Key {key_id} is disabled already.")}):
        providers.disable(key_id=key_id, reason=reason, actor=actor(), now=right_now())
    click.echo(f"Key {key_id} is disabled.")


CAP = OrNone(click.IntRange(1))


@keys.command(name="set")
@key_argument
@click.option("--label", help="The name by which you know it.")
@click.option("--account", help='Keys that share money share this; "" for none.')
@click.option(
    "--proxy", type=OrNone(click.STRING), metavar="NAME|none", help="The proxy that it goes out by."
)
@click.option("--max-in-flight", type=CAP, metavar="N|none", help="Pictures that it draws at once, at most.")
@click.option(
    "--max-per-minute", type=CAP, metavar="N|none", help="Pictures that it begins in a minute, at most."
)
@click.option(
    "--low-balance",
    "low_balance_microusd",
    type=OrNone(Dollars()),
    metavar="USD|none",
    help="Tell me from here on down.",
)
@click.option("--reason", default="", help="Kept in the audit log.")
@with_database
def set_key(key_id: int, reason: str, **options: object) -> None:
    """Change what is named, from the next picture on; the rest stays.

    \b
    Example: nproxy keys set 3 --proxy berlin --max-in-flight 10 --low-balance 5
    """
    changes = {name: None if value is NONE else value for name, value in options.items() if value is not None}
    if not changes:
        raise click.UsageError("Name at least one thing to change.")
    answers: Answers = {
        **_unknown(),
        **unknown_proxy(),
        providers.LabelTaken: AlreadySo,
        providers.BadKey: click.ClickException,
    }
    with refusals(answers):
        providers.set_key(
            key_id=key_id,
            changes=cast("providers.KeyChanges", changes),
            actor=actor(),
            now=right_now(),
            reason=reason,
        )
    click.echo(f"Key {key_id} is changed.")


@keys.command()
@click.argument("key_id", metavar="[ID]", type=int, required=False)
@show.json_option
@with_database
def balance(key_id: int | None, as_json: bool) -> None:
    """Ask the providers what the keys may still spend; exit 1 if one does not say. Without ID: all that can be asked.

    \b
    Example: nproxy keys balance 3
    """
    answers: Answers = {
        **_unknown(),
        providers.NotOffered: click.ClickException(f"Key {key_id}: its provider does not tell balances."),
    }
    asked = [key_id] if key_id is not None else [one.id for one in _tellers()]
    with refusals(answers):
        failed = asyncio.run(_ask_balances(asked))
    lines = [one for one in queries.keys(right_now()) if one.id in asked]
    if as_json:
        show.as_json(lines)
    else:
        show.table(
            ("id", "label", "balance", "as of", "status", "error"),
            [
                (one.id, one.label, _row(one)[-2], one.balance_at, one.status, one.balance_error)
                for one in lines
            ],
        )
    if failed:
        raise SystemExit(1)


def _tellers() -> list[KeyLine]:
    return [one for one in queries.keys(right_now()) if one.balance != queries.NOT_OFFERED]


async def _ask_balances(key_ids: list[int]) -> bool:
    """Whether one of them failed."""
    who, now = actor(), right_now()
    told = await asyncio.gather(
        *(providers.refresh_balance(key_id=key_id, actor=who, now=now) for key_id in key_ids)
    )
    return any(one.balance is None for one in told)


@keys.command()
@key_argument
@click.option("--reason", default="", help="Kept in the audit log.")
@with_database
def remove(key_id: int, reason: str) -> None:
    """Forget a key and its secret. What it did stays on record.

    \b
    Example: nproxy keys remove 3
    """
    with refusals(_unknown()):
        providers.remove(key_id=key_id, reason=reason, actor=actor(), now=right_now())
    click.echo(f"Key {key_id} is gone.")
