"""The list of commands. A command's module is loaded when the command is used, so `nproxy --help` costs no Django."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

import click

from nproxy.cli.door import start_django


class Entry(NamedTuple):
    """A command `NAME` is the object `NAME` in the module `nproxy.cli.NAME`."""

    help: str
    needs_django: bool = True


COMMANDS = {
    "demo": Entry("The whole product on this machine, in one command.", needs_django=False),
    "web": Entry("Serve the site."),
    "worker": Entry("Draw pictures, send mails, sweep up."),
    "migrate": Entry("Bring the database's schema up to date."),
    "doctor": Entry("Check settings, database, store, mail and keys."),
    "users": Entry("Accounts: create, role, show, list."),
    "cycles": Entry("Access: grant."),
    "plan": Entry("What is for sale: show, set."),
    "keys": Entry("Provider keys: add, list, test, activate, disable, set, remove, balance."),
    "proxies": Entry("Proxies that keys go out by: add, list, test, remove."),
    "payments": Entry("Money: reconcile, list, replay, reviews, resolve."),
    "ledger": Entry("Quotas: verify."),
    "secrets": Entry("Stored secrets: rotate."),
}


class Commands(click.Group):
    """Knows its commands' names and one line about each without loading them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        if entry.needs_django:
            start_django()
        command: click.Command = getattr(import_module(f"nproxy.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


@click.command(cls=Commands)
@click.version_option(package_name="nproxy")
def nproxy() -> None:
    """Run nproxy and operate it.

    \b
    Example: nproxy demo
    Exit codes: 0 done, 1 failed, 2 usage, 3 not found or expired, 4 already so.
    """
