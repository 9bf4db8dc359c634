"""What the command line says about itself, and what saying it costs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from nproxy.cli.root import COMMANDS, nproxy

HEAVY = {"django", "aiogram", "aiohttp", "granian", "msgspec", "PIL", "procrastinate", "psycopg", "structlog"}


def leaves(command: click.Command, *path: str) -> Iterator[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, *path, name)


def test_no_help_reads_django_or_anything_else_that_is_large() -> None:
    """Help in a third of a second is help that imports little: `nproxy.cli`, click, and a few rules."""
    paths = [[], *([name] for name in COMMANDS), *(list(path) for path in leaves(nproxy))]
    script = f"""
import sys
from click.testing import CliRunner
from nproxy.cli.root import nproxy
for command in {paths}:
    assert CliRunner().invoke(nproxy, [*command, "--help"]).exit_code == 0, command
    read = {HEAVY}.intersection(sys.modules)
    assert not read, (command, read)
"""
    ended = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_help_names_every_command() -> None:
    text = CliRunner().invoke(nproxy, ["--help"]).output
    assert all(name in text for name in COMMANDS)


def test_every_command_explains_itself_with_an_example() -> None:
    for path in leaves(nproxy):
        text = CliRunner().invoke(nproxy, [*path, "--help"]).output
        assert f"Example: nproxy {' '.join(path)}" in text, path


def test_an_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(nproxy, ["paint"]).exit_code == 2


@pytest.mark.parametrize("command", [["users", "list"], ["demo"], ["web"]])
def test_a_wrong_setting_ends_any_command_with_the_line_that_names_it(command: list[str]) -> None:
    environment = os.environ | {"NPROXY_BASE_URL": "nonsense"}
    if command == ["demo"]:  # it chooses its own base address
        environment = os.environ | {"NPROXY_READ_TIMEOUT": "soon"}
    ended = subprocess.run(
        [sys.executable, "-m", "nproxy.cli", *command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "NPROXY_" in ended.stderr
