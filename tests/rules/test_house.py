"""The sizes of files and functions, checked: what grows past them is two things."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src"
FILE_LINES = 300
FUNCTION_LINES = 40
DOOR_LINES = 25
NAMES_THAT_SAY_NOTHING = ("utils", "helpers", "manager", "common", "base_")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources() -> Iterator[Path]:
    return (path for path in sorted(SRC.rglob("*.py")) if "migrations" not in path.parts)


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, Function))


def ceiling(path: Path) -> int:
    is_view = "web" in path.parts and path.stem == "views"
    is_task = path.stem in {"tasks", "timetable"}
    is_handler = "bot" in path.parts and "handlers" in path.parts
    return DOOR_LINES if is_view or is_task or is_handler else FUNCTION_LINES


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    lengths = {str(path.relative_to(SRC)): len(path.read_text().splitlines()) for path in sources()}
    assert {name: length for name, length in lengths.items() if length > FILE_LINES} == {}


def test_no_function_is_longer_than_forty_lines_and_no_door_than_twenty_five() -> None:
    too_long = {
        f"{path.relative_to(SRC)}:{each.lineno} {each.name}": length
        for path in sources()
        for each in functions(path)
        if (length := (each.end_lineno or each.lineno) - each.lineno + 1) > ceiling(path)
    }
    assert too_long == {}


def test_every_module_says_in_its_first_line_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(SRC))
        for path in sources()
        if path.stat().st_size and ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert silent == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in sources() if path.stem.startswith(NAMES_THAT_SAY_NOTHING)] == []
