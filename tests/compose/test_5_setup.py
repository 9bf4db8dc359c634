"""`nproxy setup` on the host, typed into a terminal as a stranger does: a stack of its own, from nothing."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from tests.compose.asking import Door
from tests.compose.stack import FILES, PORTS, ROOT, ComposeStack, authority
from tests.journeys.stack import eventually, free_port

SECONDS = 300
TOKEN = "4200000001:AAsandbox-telegram-token-0123456789"
PASSWORD = "seven purple kettles"
Answers = list[tuple[str, str]]
SETTINGS: Answers = [
    ("site's name", "draw.localhost"),
    ("Mail server", "smtp.example.com"),
    ("Its port", ""),
    ("User name", "me@example.com"),
    ("Password", "p:w/d#1"),
    ("API key", "sandbox-demo"),
    ("IPN secret", "sandbox-ipn-secret"),
    ("Coins to offer", "usdttrc20"),
    ("paid out in", "usdttrc20"),
]
PEOPLE: Answers = [
    ("e-mail address", "boss@example.com"),
    ("Password", PASSWORD),
    ("Repeat", PASSWORD),
    ("The code", "CODE"),
    ("Name of the plan", ""),
    ("US dollars", ""),
    ("Pictures a month", ""),
    ("Provider", ""),
    ("Key", "AQ.sandbox-ok-first"),
]


class Host:
    """A folder with what a stranger cloned, and a terminal in it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def types(self, answers: Answers) -> str:
        """All that `nproxy setup` said, each question met with its answer; fails unless it ended well."""
        process, terminal = pty.fork()
        if process == 0:
            os.execve(self.folder / "deploy/nproxy", ["nproxy", "setup"], self.environment)
        try:
            told = _conversation(terminal, answers)
        finally:
            os.close(terminal)  # which ends whoever still waits for an answer
            _, status = os.waitpid(process, 0)
        assert os.waitstatus_to_exitcode(status) == 0, told
        return told

    def door(self) -> Door:
        """The site, through Caddy, whose certificate is checked."""
        tls = ssl.create_default_context(cadata=authority(self.environment, self.folder))
        return Door("draw.localhost", int(self.environment["HTTPS_PORT"]), tls)

    def compose(self, *arguments: str) -> str:
        return subprocess.run(
            ["docker", "compose", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        ).stdout


@pytest.fixture
def host(stack: ComposeStack, tmp_path: Path) -> Iterator[Host]:
    """Beside the other stack, whose images it starts from."""
    for name in ("compose.yaml", ".env.example"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    ports = {name: str(free_port()) for name in PORTS}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("NPROXY_")}
    host = Host(
        tmp_path,
        inherited
        | ports
        | {
            "COMPOSE_PROJECT_NAME": f"{stack.environment['COMPOSE_PROJECT_NAME']}-setup",
            "COMPOSE_FILE": os.pathsep.join([*FILES[:2], str(ROOT / FILES[2])]),
            "NPROXY_ENV": "staging",
            "NPROXY_BASE_URL": f"https://draw.localhost:{ports['HTTPS_PORT']}",
            "CADDY_OPTIONS": "local_certs",
        },
    )
    try:
        yield host
    finally:
        host.compose("--profile", "setup", "down", "--volumes", "--timeout", "5")


def test_a_stranger_answers_once_and_what_was_left_for_later_arrives_the_second_time(host: Host) -> None:
    first = host.types([*SETTINGS, ("Telegram", ""), *PEOPLE])
    assert "FAIL" not in first
    assert "key 1 (first)  sees the model" in first
    assert PASSWORD not in first
    assert "AQ.sandbox" not in first

    second = host.types([("Telegram", TOKEN)])
    assert "FAIL" not in second
    for service in ("web", "worker", "bot"):
        assert TOKEN in host.compose("exec", "-T", service, "cat", "/run/secrets/settings")

    running = host.compose("ps", "--quiet", "web", "worker", "bot")
    host.types([])
    assert host.compose("ps", "--quiet", "web", "worker", "bot") == running

    door = host.door()
    signs_in_with_second_factor(door, _secret(first))
    assert "boss@example.com" in door.ask("/admin/accounts/user/").text

    # From now on operators come from elsewhere, and this machine is a stranger: signed in or not.
    host.environment["ADMIN_FROM"] = "203.0.113.7/32"
    host.compose("up", "--detach", "caddy")
    eventually(lambda: _answers(door) or None, "an answer of the site")
    for path in (
        "/admin",
        "/admin/",
        "/admin/accounts/user/",
        "/ADMIN/",
        "//admin/",
        "/%61dmin/",
        "/x/../admin/",
    ):
        assert door.ask(path).status == 404, path


def signs_in_with_second_factor(door: Door, secret: str) -> None:
    """As the first operator, to the operators' pages."""
    assert door.ask("/admin/").status == 302
    asked = door.fill_in("/accounts/login/", login="boss@example.com", password=PASSWORD)
    assert asked.headers["Location"].startswith("/accounts/2fa/authenticate/")

    def is_in() -> bool | None:
        """A code is over after 30 seconds, perhaps just now."""
        if door.ask("/admin/").status != 200:
            door.fill_in("/accounts/2fa/authenticate/", code=_code(secret))
        return door.ask("/admin/").status == 200 or None

    eventually(is_in, "a code that is taken", pause=5)


def _answers(door: Door) -> bool:
    try:
        return door.ask("/healthz").status == 200
    except OSError:
        return False


def _conversation(terminal: int, answers: Answers) -> str:
    """What came out of the terminal until it closed."""
    told, heard, left = "", 0, list(answers)
    give_up = time.monotonic() + SECONDS
    while more := _read(terminal, give_up - time.monotonic()):
        told += more
        found = re.search(re.escape(left[0][0]) + r"[^\n]*: ?$", told[heard:]) if left else None
        if found:
            heard = len(told)
            answer = left.pop(0)[1]
            os.write(terminal, ((_code(_secret(told)) if answer == "CODE" else answer) + "\n").encode())
    assert not left, told
    return told


def _read(terminal: int, seconds: float) -> str:
    if not select.select([terminal], [], [], max(0, seconds))[0]:
        return ""
    try:
        return os.read(terminal, 65536).decode(errors="replace")
    except OSError:  # how a terminal of Linux says that nobody is left at its other end
        return ""


def _secret(told: str) -> str:
    [secret] = re.findall(r"or type (\w+) into it", told)
    return str(secret)


def _code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
