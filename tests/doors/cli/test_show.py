"""Columns and JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner

from nproxy.audit.rules import Actor
from nproxy.cli import show


def lines_of(*rows: tuple[object, ...]) -> list[str]:
    command = click.Command("it", callback=lambda: show.table(("name", "count"), rows))
    return CliRunner().invoke(command).output.splitlines()


def test_columns_are_as_wide_as_their_widest_cell_and_numbers_stand_to_the_right() -> None:
    assert lines_of(("a", 5), ("bbbbbb", 100)) == [
        "NAME    COUNT",
        "a           5",
        "bbbbbb    100",
    ]


def test_nothing_to_list_is_a_heading() -> None:
    assert lines_of() == ["NAME  COUNT"]


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (None, "-"),
        ("", "-"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        ("two\nlines", "two lines"),
        (datetime(2026, 11, 22, 13, 5, tzinfo=UTC), "2026-11-22 13:05:00"),
    ],
)
def test_a_cell_is_one_word_or_line(value: object, word: str) -> None:
    assert lines_of((value, "x"))[1].strip().split("  ")[0] == word


def test_json_keeps_dataclasses_and_moments() -> None:
    value = [{"actor": Actor(kind="cli", name="ann"), "at": datetime(2026, 11, 22, tzinfo=UTC)}]
    output = CliRunner().invoke(click.Command("it", callback=lambda: show.as_json(value))).output
    assert json.loads(output) == [
        {"actor": {"kind": "cli", "id": "", "name": "ann", "origin": ""}, "at": "2026-11-22T00:00:00+00:00"}
    ]
