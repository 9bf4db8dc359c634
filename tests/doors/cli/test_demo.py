"""`nproxy demo` as a person meets it: a process that brings everything up, keeps it up and takes it down."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from nproxy.cli.children import Child
from nproxy.cli.demo import Ports, _run

pytestmark = pytest.mark.xdist_group("demo")

LINES = [
    r"Site: (http://localhost:\d+)",
    r"User: user@example\.com \S{12,}",
    r"Operator: operator@example\.com \S{12,}",
    r"Sandbox Gemini: (http://localhost:\d+)",
    r"Sandbox OpenRouter: (http://localhost:\d+)",
    r"Sandbox NOWPayments: (http://localhost:\d+)",
    r"Sandbox Telegram: (http://localhost:\d+)",
    r"Mail: (http://localhost:\d+)",
]
PATIENCE = 180


@dataclass
class Demo:
    process: subprocess.Popen[str]
    printed: list[str]
    data_dir: Path
    environment: dict[str, str]

    @property
    def addresses(self) -> list[str]:
        return re.findall(r"http://\S+", "\n".join(self.printed))


def start(data_dir: Path) -> Demo:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NPROXY_")}
    environment |= {"NPROXY_DATA_DIR": str(data_dir), "NPROXY_ENV_FILE": ""}
    process = subprocess.Popen(
        [sys.executable, "-m", "nproxy.cli", "demo", "--port", "8300"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as output:
        printed = [output.readline().rstrip("\n") for _ in LINES]
    return Demo(process, printed, data_dir, environment)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=30):
            return True
    except OSError:
        return False


def until(holds: Callable[[], object]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def running(parent: int, word: str = "") -> list[int]:
    """The children of `parent` that run now, and whose command line has `word` in it."""
    lines = subprocess.run(
        ["ps", "-eo", "pid,ppid,stat,args"], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 3) for line in lines.splitlines()[1:]]
    return [
        int(pid)
        for pid, above, state, args in rows
        if int(above) == parent and state[0] != "Z" and word in args
    ]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    one = start(tmp_path_factory.mktemp("demo") / "data")
    yield one
    one.process.terminate()
    one.process.wait(PATIENCE)


def test_it_prints_where_everything_is_and_how_to_log_in(demo: Demo) -> None:
    for line, form in zip(demo.printed, LINES, strict=True):
        assert re.fullmatch(form, line), line


def test_what_it_prints_answers(demo: Demo) -> None:
    assert len(demo.addresses) == 6
    assert all(answers(address) for address in demo.addresses)


def test_mails_and_logs_are_closed_to_others(demo: Demo) -> None:
    for folder in (demo.data_dir, demo.data_dir / "mail", demo.data_dir / "logs"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_command_beside_it_talks_to_the_sandbox(demo: Demo) -> None:
    until(lambda: "bot.speaking" in (demo.data_dir / "logs" / "bot.log").read_text())
    doctor = subprocess.run(
        [sys.executable, "-m", "nproxy.cli", "doctor"],
        env=demo.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    assert demo.addresses[0] in doctor.stdout
    assert doctor.stdout.count("sees the model") == 5


async def test_a_child_that_cannot_start_ends_the_demo_with_its_last_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        gemini = Child("gemini", ("nproxy_sandbox", "gemini", "--port", str(port)), tmp_path / "gemini.log")
        with pytest.raises(click.ClickException) as end:
            await _run([gemini], Ports(port, port, port, port, port, port), [])
    assert end.value.exit_code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in end.value.message
    assert str(tmp_path / "gemini.log") in end.value.message


@pytest.mark.parametrize("name", ["worker", "web", "bot"])
def test_a_killed_child_is_replaced(demo: Demo, name: str) -> None:
    (before,) = running(demo.process.pid, f"nproxy.cli {name}")
    os.kill(before, signal.SIGKILL)
    until(lambda: running(demo.process.pid, f"nproxy.cli {name}") not in ([], [before]))
    until(lambda: answers(f"{demo.addresses[0]}/readyz"))


def test_a_second_demo_takes_the_next_ports_and_both_end_without_leaving_anything(
    demo: Demo, tmp_path: Path
) -> None:
    second = start(tmp_path)
    assert not set(second.addresses) & set(demo.addresses)
    assert all(answers(address) for address in second.addresses)
    children = running(second.process.pid)
    second.process.send_signal(signal.SIGINT)
    assert second.process.wait(PATIENCE) == 0
    assert len(children) == 8
    assert not any(is_alive(child) for child in children)
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
    assert not (tmp_path / "demo.env").exists()


def test_children_do_not_outlive_a_killed_demo(demo: Demo) -> None:
    """The last one here: it ends the demo of all the others."""
    children = running(demo.process.pid)
    assert children
    demo.process.kill()
    demo.process.wait()
    until(lambda: not any(is_alive(child) for child in children))
    until(lambda: not (demo.data_dir / "postgres" / "postmaster.pid").exists())
