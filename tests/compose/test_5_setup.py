"""`nproxy setup` on the host, typed into a terminal as a stranger does: a stack of its own, from nothing."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from tests.compose.stack import FILES, PORTS, ROOT, ComposeStack
from tests.journeys.stack import free_port

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
            "COMPOSE_FILE": os.pathsep.join(FILES[:2]),
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
            os.write(terminal, ((_code(told) if answer == "CODE" else answer) + "\n").encode())
    assert not left, told
    return told


def _read(terminal: int, seconds: float) -> str:
    if not select.select([terminal], [], [], max(0, seconds))[0]:
        return ""
    try:
        return os.read(terminal, 65536).decode(errors="replace")
    except OSError:  # how a terminal of Linux says that nobody is left at its other end
        return ""


def _code(told: str) -> str:
    [secret] = re.findall(r"or type (\w+) into it", told)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
