"""The product as `nproxy demo` runs it: real processes on a data directory of their own, and handles on them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg import sql
from tests.journeys.commands import ROOT, TETHER, Commands

from nproxy.kit import postgres

READY_SECONDS = 120
STOP_SECONDS = 60
HURRY = 0.4
SAID = {"Site", "User", "Operator", "Sandbox Gemini", "Sandbox NOWPayments", "Sandbox Telegram", "Mail"}

T = TypeVar("T")


@dataclass(frozen=True)
class Login:
    email: str
    password: str


@dataclass(frozen=True)
class Stack:
    """A running demo. `user` has a cycle of 500 requests."""

    site: str
    user: Login
    operator: Login
    gemini: str
    nowpayments: str
    telegram: str
    mail: str
    data_dir: Path
    environment: dict[str, str]
    pid: int
    commands: Commands

    def nproxy(self, *arguments: str, stdin: str = "") -> str:
        """What a command prints. Raises AssertionError when it fails."""
        return self.commands.run(*arguments, stdin=stdin)

    def person(self, name: str, *, limit: int = 0) -> Login:
        """A new account, with a cycle of `limit` requests unless that is 0."""
        login = Login(f"{name}@example.com", "seven purple kettles")
        self.nproxy("users", "create", login.email, "--verified", "--password-stdin", stdin=login.password)
        if limit:
            self.grant(login.email, limit)
        return login

    def grant(self, email: str, limit: int) -> None:
        self.nproxy("cycles", "grant", email, "--limit", str(limit), "--reason", "journey")

    def draw_in(self, seconds: float) -> None:
        """From now on the sandbox takes so long for a picture, those that it is drawing included."""
        post(f"{self.gemini}/sandbox/latency", {"seconds": seconds})

    def calls(self) -> list[dict[str, Any]]:
        """What the sandbox was asked, oldest first."""
        return list(fetch(f"{self.gemini}/sandbox/log")["calls"])

    def link_in_mail(self, recipient: str, path: str) -> str:
        """The link with `path` in it of the newest mail to `recipient`; waits for the mail."""

        def find() -> str | None:
            mails = [mail for mail in fetch(f"{self.mail}/mails.json") if mail["recipient"] == recipient]
            return next((link for mail in mails for link in mail["links"] if path in link), None)

        return eventually(find, f"a mail to {recipient} with a link to {path}")

    def pays(self, payment: str, deed: str = "exactly") -> None:
        """Someone sends money to the address of this payment, so that its confirmations take seconds."""
        post(f"{self.nowpayments}/sandbox/clock", {"pace": 60})
        post(f"{self.nowpayments}/sandbox/payments/{payment}/pay", {"deed": deed})

    def ends_the_cycle_of(self, email: str) -> None:
        """The person's running cycle began and ended long ago; nothing else about it changes."""
        with psycopg.connect(postgres.url(self.data_dir)) as database:
            for table, begin, end in (
                ("subscriptions_cycle", "starts_at", "ends_at"),
                ("quota_quota", "opens_at", "closes_at"),
            ):
                past = sql.SQL(
                    "UPDATE {table} SET {begin} = {begin} - interval '60 days', {end} = {end} - interval '60 days'"
                    " WHERE user_id = (SELECT id FROM accounts_user WHERE email = %s)"
                ).format(table=sql.Identifier(table), begin=sql.Identifier(begin), end=sql.Identifier(end))
                database.execute(past, [email])

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with psycopg.connect(postgres.url(self.data_dir)) as database:
            return database.execute(query, parameters).fetchall()

    def process(self, command: str) -> int:
        """The pid of the demo's child that runs `nproxy COMMAND`. Linux only."""

        def find() -> int | None:
            return next(
                (pid for pid in children(self.pid) if f"\0nproxy.cli\0{command}\0" in words(pid)), None
            )

        return eventually(find, f"a process nproxy {command}")


@contextmanager
def running(**settings: str) -> Iterator[Stack]:
    """A demo with these settings on top of the defaults, until the block ends."""
    data_dir = Path(tempfile.mkdtemp(prefix="nproxy-journeys-"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NPROXY_")}
    environment |= {
        "NPROXY_DATA_DIR": str(data_dir),
        "NPROXY_ENV_FILE": "",
        "PYTHONUNBUFFERED": "1",
        **settings,
    }
    said = data_dir / "demo.log"
    with said.open("wb") as output:
        demo = subprocess.Popen(
            lasting("demo", "--port", str(free_port())),
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    commands = Commands(environment)
    try:
        yield _described(demo, said, data_dir, environment, commands)
    finally:
        commands.close()
        demo.send_signal(signal.SIGINT)
        try:
            demo.wait(STOP_SECONDS)
        finally:
            demo.kill()
        shutil.rmtree(data_dir, ignore_errors=True)


def _described(
    demo: subprocess.Popen[bytes],
    said: Path,
    data_dir: Path,
    environment: dict[str, str],
    commands: Commands,
) -> Stack:
    def lines() -> dict[str, str] | None:
        if demo.poll() is not None:
            raise AssertionError(f"nproxy demo ended: {said.read_text()}")
        found = dict(line.split(": ", 1) for line in said.read_text().splitlines() if ": " in line)
        return found if found.keys() >= SAID else None

    printed = eventually(lines, f"the lines of nproxy demo in {said}", READY_SECONDS)
    # What the demo chose for its children; other processes beside them need it too.
    environment |= {"NPROXY_BASE_URL": printed["Site"], "NPROXY_GEMINI_BASE_URL": printed["Sandbox Gemini"]}
    stack = Stack(
        site=printed["Site"],
        user=Login(*printed["User"].split()),
        operator=Login(*printed["Operator"].split()),
        gemini=printed["Sandbox Gemini"],
        nowpayments=printed["Sandbox NOWPayments"],
        telegram=printed["Sandbox Telegram"],
        mail=printed["Mail"],
        data_dir=data_dir,
        environment=environment,
        pid=demo.pid,
        commands=commands,
    )
    # The journeys slow down, break and question one provider: the other one's key would get in between.
    for key in json.loads(stack.nproxy("keys", "list", "--json")):
        if key["provider"] != "gemini":
            stack.nproxy("keys", "disable", str(key["id"]))
    return stack


def lasting(*arguments: str) -> list[str]:
    """The command line of `nproxy ARGUMENTS` as a process that goes on."""
    return [*TETHER, str(os.getpid()), sys.executable, "-m", "nproxy.cli", *arguments]


# As `draw_in`: until the test says otherwise.
FOR_LONG = 120.0


def eventually(find: Callable[[], T | None], what: str, seconds: float = 60, pause: float = HURRY) -> T:
    """The first answer of `find` that is not None; fails naming `what` after `seconds` without one."""
    give_up = time.monotonic() + seconds
    while (found := find()) is None:
        if time.monotonic() > give_up:
            raise AssertionError(f"No {what} after {seconds:g} s")
        time.sleep(pause)
    return found


def children(parent: int) -> list[int]:
    """The processes that `parent` started and that still run. Linux only."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            # After the name in parentheses, which may hold anything: state and parent.
            fields = (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdigit() else []
        except OSError:
            continue
        if fields and int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(entry.name))
    return found


def words(pid: int) -> str:
    """The command line of a process, a zero byte after each word; empty when it is gone."""
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_text()
    except OSError:
        return ""


def fetch(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)


def post(address: str, body: object) -> None:
    request = urllib.request.Request(
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    urllib.request.urlopen(request, timeout=30).close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
