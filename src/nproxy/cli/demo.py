"""`nproxy demo`: the whole product on this machine, with stand-ins for who draws and who takes the money."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from nproxy.cli.children import Child, stop_in_order
from nproxy.cli.door import database, environment, start_django
from nproxy.cli.process import on_stop
from nproxy.kit import demo_addresses
from nproxy.kit.folders import make_private

HOST = "127.0.0.1"
READY_SECONDS = 90.0
WORKER_GRACE = "3"
# Confirmations in seconds instead of minutes.
HURRY = "10"
# What the stand-in signs its callbacks with, and coins that it knows; one is above the price of the plan.
IPN_SECRET = "sandbox-ipn-secret"  # noqa: S105 - a stand-in's
COINS = "usdttrc20,usdtbsc,usdcsol,btc,ltc,eth"
PAYOUT_COIN = "usdttrc20"
# The token of the one bot that its stand-in knows.
TELEGRAM_TOKEN = "4200000001:AAsandbox-telegram-token-0123456789"  # noqa: S105 - a stand-in's
# Names that would contradict or replace what the demo chooses.
SECRETS_IN_FILES = (
    "NPROXY_NOWPAYMENTS_API_KEY_FILE",
    "NPROXY_NOWPAYMENTS_IPN_SECRET_FILE",
    "NPROXY_EMAIL_URL_FILE",
    "NPROXY_TELEGRAM_TOKEN_FILE",
)
# Where the stand-ins keep what they know.
SANDBOX = "sandbox"
# What nproxy itself puts into a data directory; --fresh removes nothing else.
OURS = (
    "postgres",
    "postgres.new",
    "postgres.lock",
    "postgres.users",
    "secrets",
    "files",
    "mail",
    "static",
    "logs",
    SANDBOX,
    demo_addresses.NAME,
)


@dataclass(frozen=True)
class Ports:
    site: int
    gemini: int
    openrouter: int
    nowpayments: int
    telegram: int
    mail: int


@click.command()
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 64000),
    help="The next free one if taken.",
)
@click.option("--fresh", is_flag=True, help="Forget what earlier demos left in the data directory.")
def demo(port: int, fresh: bool) -> None:
    """The whole product on this machine, in one command. Ctrl-C stops all of it.

    \b
    Example: nproxy demo --port 8000
    """
    ports = _choose_ports(port)
    _point_at_the_sandbox(ports)
    outside = environment()
    data_dir: Path = outside.data_dir
    if fresh:
        _forget(data_dir, is_embedded=not outside.database_url)
    for folder in (data_dir / "logs", data_dir / "mail", data_dir / SANDBOX):
        make_private(folder)
        folder.chmod(0o700)  # those of older demos too: mails hold links that sign people in
    start_django()
    # Here and not above: they bring the models, which need the settings, which need what was chosen above.
    from nproxy.cli.migrate import bring_up_to_date
    from nproxy.cli.seed import seed

    with database(), demo_addresses.published(data_dir, _addresses(ports)):
        bring_up_to_date(verbosity=0)
        logins = seed()
        asyncio.run(_run(_children(data_dir, ports), ports, logins))


def _choose_ports(site: int) -> Ports:
    site = _free_port(site)
    # Counted from the site's: two demos that start together must not both find the same port free.
    taken: list[int] = []
    for distance in (1101, 1102, 1103, 1104, 1109):
        taken.append(_free_port(site + distance, but=tuple(taken)))
    return Ports(site, *taken)


def _free_port(first: int, but: Sequence[int] = ()) -> int:
    for port in range(first, 65536):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        if port not in but:
            return port
    raise click.ClickException(f"No port from {first} on is free.")


def _point_at_the_sandbox(ports: Ports) -> None:
    """Settings for this process and its children: the demo never talks to the outside, whatever `.env` says."""
    os.environ |= {"NPROXY_ENV": "development", "NPROXY_EMAIL_URL": "", **_addresses(ports)}
    os.environ |= dict.fromkeys(SECRETS_IN_FILES, "")


def _addresses(ports: Ports) -> dict[str, str]:
    return {
        "NPROXY_BASE_URL": f"http://localhost:{ports.site}",
        "NPROXY_GEMINI_BASE_URL": f"http://{HOST}:{ports.gemini}",
        "NPROXY_OPENROUTER_BASE_URL": f"http://{HOST}:{ports.openrouter}/api/v1",
        "NPROXY_NOWPAYMENTS_API_KEY": "sandbox-demo",
        "NPROXY_NOWPAYMENTS_IPN_SECRET": IPN_SECRET,
        "NPROXY_NOWPAYMENTS_BASE_URL": f"http://{HOST}:{ports.nowpayments}/v1",
        "NPROXY_TELEGRAM_API_URL": f"http://{HOST}:{ports.telegram}",
        "NPROXY_TELEGRAM_TOKEN": TELEGRAM_TOKEN,
        "NPROXY_NOWPAYMENTS_COINS": COINS,
        "NPROXY_NOWPAYMENTS_PAYOUT_COIN": PAYOUT_COIN,
        "NPROXY_NOWPAYMENTS_SPACING": "0.2",
    }


def _forget(data_dir: Path, *, is_embedded: bool) -> None:
    if not is_embedded:
        raise click.ClickException(
            "--fresh: NPROXY_DATABASE_URL names a database that is not the demo's own."
        )
    if (data_dir / "postgres" / "postmaster.pid").exists():
        raise click.ClickException(f"--fresh: the database in {data_dir} is in use.")
    for name in OURS:
        path = data_dir / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _children(data_dir: Path, ports: Ports) -> list[Child]:
    """In the order they are stopped in."""
    logs, memory = data_dir / "logs", data_dir / SANDBOX

    def ours(name: str, *more: str) -> Child:
        return Child(name, ("nproxy.cli", name, *more), logs / f"{name}.log")

    def stand_in(name: str, port: int, *more: str) -> Child:
        return Child(name, ("nproxy_sandbox", name, "--port", str(port), *more), logs / f"{name}.log")

    return [
        ours("web", "--host", HOST, "--port", str(ports.site)),
        ours("worker", "--grace", WORKER_GRACE),
        ours("bot"),
        stand_in("gemini", ports.gemini),
        stand_in("openrouter", ports.openrouter),
        stand_in(
            "nowpayments", ports.nowpayments, "--hurry", HURRY, "--journal", str(memory / "payments.jsonl")
        ),
        stand_in("telegram", ports.telegram, "--memory", str(memory / "phones.json")),
        stand_in("mail", ports.mail, "--dir", str(data_dir / "mail")),
    ]


async def _run(children: list[Child], ports: Ports, logins: list[str]) -> None:
    """Until told to stop. Raises EndedEarly when a child cannot be kept up."""
    stopping = asyncio.Event()
    on_stop(stopping.set)
    stop = asyncio.create_task(stopping.wait())
    kept = [child.start() for child in children]
    ready = asyncio.create_task(_until_ready(children, ports))
    try:
        await asyncio.wait((ready, stop, *kept), return_when=asyncio.FIRST_COMPLETED)
        _raise_ended(kept)
        if not stopping.is_set():
            ready.result()
            _announce(ports, logins)
            await asyncio.wait((stop, *kept), return_when=asyncio.FIRST_COMPLETED)
            _raise_ended(kept)
    finally:
        ready.cancel()
        stop.cancel()
        await stop_in_order(children)


def _raise_ended(kept: list[asyncio.Task[None]]) -> None:
    for task in kept:
        if task.done():
            task.result()


def _announce(ports: Ports, logins: list[str]) -> None:
    click.echo(f"Site: http://localhost:{ports.site}")
    click.echo("\n".join(logins))
    click.echo(f"Sandbox Gemini: http://localhost:{ports.gemini}")
    click.echo(f"Sandbox OpenRouter: http://localhost:{ports.openrouter}")
    click.echo(f"Sandbox NOWPayments: http://localhost:{ports.nowpayments}")
    click.echo(f"Sandbox Telegram: http://localhost:{ports.telegram}")
    click.echo(f"Mail: http://localhost:{ports.mail}")


async def _until_ready(children: list[Child], ports: Ports) -> None:
    addresses = {
        "web": (f"http://{HOST}:{ports.site}", "/readyz"),
        "gemini": (f"http://{HOST}:{ports.gemini}", "/"),
        "openrouter": (f"http://{HOST}:{ports.openrouter}", "/"),
        "nowpayments": (f"http://{HOST}:{ports.nowpayments}", "/"),
        "telegram": (f"http://{HOST}:{ports.telegram}", "/"),
        "mail": (f"http://{HOST}:{ports.mail}", "/"),
    }
    try:
        async with asyncio.timeout(READY_SECONDS):
            for child in children:
                if child.name in addresses:
                    await _until_it_answers(child, *addresses[child.name])
                child.has_served = True
    except TimeoutError:
        raise click.ClickException(f"Not ready within {READY_SECONDS:.0f} s; see the logs.") from None


async def _until_it_answers(child: Child, address: str, path: str) -> None:
    while not (child.has_said(address) and await asyncio.to_thread(_answers, address + path)):  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own address, http
            return True
    except (urllib.error.URLError, OSError):
        return False
