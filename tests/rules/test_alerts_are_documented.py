"""docs/operations.md says of every alert what it means and what to do; the bot has a title for each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from nproxy.telegram.rules import wording

ROOT = Path(__file__).resolve().parents[2]
SPEAKERS = {"alert", "_alert", "alert_hourly", "News", "Condition"}


def kinds_in_code() -> set[str]:
    return {
        kind for file in (ROOT / "src/nproxy").rglob("*.py") for kind in _kinds(ast.parse(file.read_text()))
    }


def _kinds(tree: ast.Module) -> Iterator[str]:
    """The kinds that a module's calls name, as text or by a constant. One that is passed on was named elsewhere."""
    constants = {
        name.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for name in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(name, ast.Name)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name(call.func) in SPEAKERS:
            named = [word.value for word in call.keywords if word.arg == "kind"] or call.args[:1]
            for given in named:
                found = constants.get(given.id) if isinstance(given, ast.Name) else given
                if isinstance(found, ast.Constant):
                    yield str(found.value)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def kinds_in_the_runbook() -> list[str]:
    page = (ROOT / "docs/operations.md").read_text()
    rows = page.partition("| alert | means | do |")[2].partition("\n\n")[0].splitlines()
    return [
        kind for row in rows for kind in re.findall(r"`(\w+\.\w+)`", row.split("|")[1] if "|" in row else "")
    ]


def test_every_alert_is_in_the_runbook_once_and_no_other() -> None:
    told = kinds_in_the_runbook()
    assert sorted(told) == sorted(kinds_in_code())


def test_every_alert_has_a_title() -> None:
    assert set(wording.TITLES) == kinds_in_code()
