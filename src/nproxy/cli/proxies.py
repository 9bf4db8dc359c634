"""`nproxy proxies`: ways out of this server that keys may use."""

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
from nproxy.providers import actions as providers
from nproxy.providers import queries

if TYPE_CHECKING:
    from nproxy.providers.actions import ProxyTest


@click.group()
def proxies() -> None:
    """Proxies that keys go out by: add, list, test, set, remove."""


def unknown_proxy() -> Answers:
    """A name that no proxy has."""
    return {providers.UnknownProxy: NotFound("No proxy has this name; `nproxy proxies list` shows them.")}


@proxies.command()
@click.argument("name")
@click.argument("url")
@click.option("--required", is_flag=True, help="Its keys never go out without it.")
@with_database
def add(name: str, url: str, required: bool) -> None:
    """Make a proxy known: http://, https:// or socks5://, with user and password if it wants them.

    A URL on the command line is seen by everybody on this machine; `-` reads it from standard input, or asks.

    \b
    Example: nproxy proxies add berlin socks5://user:password@proxy.example.com:1080
             nproxy keys set 3 --proxy berlin
    """
    answers: Answers = {providers.ProxyExists: AlreadySo, providers.BadProxy: click.ClickException}
    address = read_secret("URL") if url == "-" else url
    with refusals(answers):
        providers.add_proxy(name=name, url=address, is_required=required, actor=actor(), now=right_now())
    click.echo(f"Added. Try it: nproxy proxies test {name}")


@proxies.command(name="list")
@show.json_option
@with_database
def list_all(as_json: bool) -> None:
    """Every proxy, without its password. Counts and seconds (the median) are of the last 24 hours.

    \b
    Example: nproxy proxies list
    """
    lines = queries.proxies(right_now())
    if as_json:
        show.as_json(lines)
        return
    headings = (
        "name",
        "address",
        "required",
        "status",
        "keys",
        "failed",
        "seconds",
        "last success",
        "last error",
    )
    show.table(
        headings,
        [
            (
                one.name,
                one.address,
                one.is_required,
                one.status,
                ", ".join(one.keys),
                f"{one.failed}/{one.routes}",
                one.seconds,
                one.last_success_at,
                one.last_error[:60],
            )
            for one in lines
        ],
    )


@proxies.command()
@click.argument("name", required=False)
@show.json_option
@with_database
def test(name: str | None, as_json: bool) -> None:
    """Knock at each provider through one proxy, or through all; exit 1 if one is not reached. Costs nothing.

    \b
    Example: nproxy proxies test berlin
    """
    names = [name] if name else [one.name for one in queries.proxies(right_now())]
    with refusals({**unknown_proxy(), **closed_secrets()}):
        results = asyncio.run(_tested(names))
    if as_json:
        show.as_json(results)
    else:
        show.table(
            ("name", "provider", "reached", "seconds", "says"),
            [
                (name, one.provider, one.is_ok, f"{one.seconds:.2f}", one.detail)
                for name, ends in results.items()
                for one in ends
            ],
        )
    if not all(one.is_ok for ends in results.values() for one in ends):
        raise SystemExit(1)


async def _tested(names: list[str]) -> dict[str, list[ProxyTest]]:
    who, now = actor(), right_now()
    ends = await asyncio.gather(*(providers.test_proxy(name=name, actor=who, now=now) for name in names))
    return dict(zip(names, ends, strict=True))


@proxies.command(name="set")
@click.argument("name")
@click.option("--name", "new_name", metavar="NAME", help="What it is called from now on.")
@click.option("--url", metavar="URL", help="Its new address; `-` reads it from standard input, or asks.")
@click.option("--required/--not-required", "is_required", default=None, help="Whether keys may go around it.")
@click.option("--reason", default="", help="Kept in the audit log.")
@with_database
def set_proxy(
    name: str, new_name: str | None, url: str | None, is_required: bool | None, reason: str
) -> None:
    """Change what is named, from the next picture on; its keys stay with it, calls under way end as they end.

    \b
    Example: nproxy proxies set berlin --url - < new-address.txt
    """
    address = read_secret("URL") if url == "-" else url
    given = {"name": new_name, "url": address, "is_required": is_required}
    changes = {what: value for what, value in given.items() if value is not None}
    if not changes:
        raise click.UsageError("Name at least one thing to change.")
    answers: Answers = {
        **unknown_proxy(),
        **closed_secrets(),
        providers.ProxyExists: AlreadySo,
        providers.BadProxy: click.ClickException,
    }
    with refusals(answers):
        providers.set_proxy(
            name=name,
            changes=cast("providers.ProxyChanges", changes),
            actor=actor(),
            now=right_now(),
            reason=reason,
        )
    click.echo(f"{new_name or name} is changed. Try it: nproxy proxies test {new_name or name}")


@proxies.command()
@click.argument("name")
@click.option("--reason", default="", help="Kept in the audit log.")
@with_database
def remove(name: str, reason: str) -> None:
    """Forget a proxy. Keys that use it must be set to another one, or to none, before.

    \b
    Example: nproxy proxies remove berlin
    """
    with refusals({**unknown_proxy(), providers.ProxyInUse: click.ClickException}):
        providers.remove_proxy(name=name, actor=actor(), now=right_now(), reason=reason)
    click.echo(f"Proxy {name} is gone.")
