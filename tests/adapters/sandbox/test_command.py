"""The command: its lines, its stop, and a house that does not know nproxy."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def running(*options: str, name: str = "gemini") -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "nproxy_sandbox", name, "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_and_stops_cleanly(number: signal.Signals) -> None:
    with running() as process:
        address = said(process).removeprefix("Sandbox Gemini: ")
        with urllib.request.urlopen(address) as page:
            assert b"Sandbox Gemini" in page.read()
        process.send_signal(number)
        assert process.wait(60) == 0
        assert process.stderr
        assert process.stderr.read() == ""


def test_a_taken_port_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running("--port", port) as process:
            assert process.wait(60) == 1
            assert process.stderr
            (line,) = process.stderr.readlines()
            assert line.startswith(f"cannot listen on 127.0.0.1:{port}")


def test_under_tls_it_prints_its_authority_first(tmp_path: Path) -> None:
    with running("--tls", "--tls-dir", str(tmp_path)) as process:
        assert said(process) == f"CA: {tmp_path / 'ca.pem'}"
        assert said(process).startswith("Sandbox Gemini: https://127.0.0.1:")


@pytest.mark.parametrize(
    ("name", "options", "line"),
    [
        ("openrouter", ["--flat", "--latency", "0"], "Sandbox OpenRouter: http://127.0.0.1:"),
        ("proxy", [], "Sandbox proxy: http://127.0.0.1:"),
        ("proxy", ["--kind", "socks5", "--login", "me:any"], "Sandbox proxy: socks5://127.0.0.1:"),
    ],
)
def test_the_others_say_where_they_are_too(name: str, options: list[str], line: str) -> None:
    with running(*options, name=name) as process:
        assert said(process).startswith(line)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_a_proxy_over_tls_prints_its_authority_first(tmp_path: Path) -> None:
    with running("--kind", "https", "--tls-dir", str(tmp_path), name="proxy") as process:
        assert said(process) == f"CA: {tmp_path / 'ca.pem'}"
        assert said(process).startswith("Sandbox proxy: https://127.0.0.1:")


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["nobody"], 2), (["--help"], 0)])
def test_it_names_the_stand_ins(arguments: list[str], code: int) -> None:
    command = [sys.executable, "-m", "nproxy_sandbox", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "gemini" in done.stdout + done.stderr


def test_it_knows_neither_nproxy_nor_django() -> None:
    code = (
        "import sys; import nproxy_sandbox.gemini.command, nproxy_sandbox.testing, nproxy_sandbox.proxy.command; "
        "print([name for name in sys.modules if name.split('.')[0] in ('nproxy', 'django')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
