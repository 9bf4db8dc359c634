"""What the commands print: aligned columns for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under headings; a column of numbers is aligned to the right."""
    lines = [[_word(cell) for cell in row] for row in rows]
    widths = [max(len(line[column]) for line in [list(headings), *lines]) for column in range(len(headings))]
    numeric = [
        bool(lines) and all(_is_number(line[column]) for line in lines) for column in range(len(headings))
    ]
    for line in [[heading.upper() for heading in headings], *lines]:
        cells = [
            cell.rjust(width) if is_numeric else cell.ljust(width)
            for cell, width, is_numeric in zip(line, widths, numeric, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names and values, a pair a line."""
    lines = [(name, _word(value)) for name, value in pairs]
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        click.echo(f"{name.ljust(width)}  {value}")


def as_json(value: object) -> None:
    """Print JSON. Dataclasses become objects, moments ISO 8601, anything else its words."""
    click.echo(json.dumps(value, indent=2, default=_plain, ensure_ascii=False))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _word(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return str(value).replace("\n", " ")


def _is_number(word: str) -> bool:
    return word.replace(".", "", 1).lstrip("-").isdigit()
