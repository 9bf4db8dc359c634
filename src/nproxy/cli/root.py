"""The list of commands. A command's module is loaded when the command is used, so `nproxy --help` costs no Django."""

from __future__ import annotations

from importlib import import_module

import click

from nproxy.cli import rooms

# A command `NAME` is the object `NAME` in the module `nproxy.cli.NAME`.
COMMANDS = {
    "demo": "The whole product on this machine, in one command.",
    "web": "Serve the site.",
    "worker": "Draw pictures, send mails, sweep up.",
    "bot": "Watch, and speak with the operators over Telegram.",
    "setup": "The first run on a server: asks, writes .env, checks.",
    "migrate": "Bring the database's schema up to date.",
    "doctor": "Check everything that the product needs; a line each.",
    "users": "Accounts: create, role, reset-factor, show, list, unpause.",
    "cycles": "Access: grant, extend, suspend, resume.",
    "plan": "What is for sale: show, set.",
    "keys": "Provider keys: add, list, test, activate, disable, set, remove, balance.",
    "proxies": "Proxies that keys go out by: add, list, test, set, remove.",
    "payments": "Money: reconcile, list, replay, reviews, review, resolve, refunds, refunded.",
    "pair": "Let somebody into the Telegram bot.",
    "admins": "Telegram admins: list, revoke, invite, reject.",
    "ledger": "Quotas: verify.",
    "backup": "Backups: create, list, inspect, restore.",
    "secrets": "Stored secrets: rotate.",
}


class Commands(click.Group):
    """Knows its commands' names and one line about each without loading them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        with rooms.unread():
            command: click.Command = getattr(import_module(f"nproxy.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(COMMANDS.items())


@click.command(cls=Commands)
@click.version_option(package_name="nproxy")
def nproxy() -> None:
    """Run nproxy and operate it.

    \b
    Example: nproxy demo
    Exit codes: 0 done, 1 failed, 2 usage, 3 not found or expired, 4 already so.
    """
