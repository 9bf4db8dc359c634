"""Every act in the audit log says what was before and what is after; those that do not are here, with the reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import nproxy

SOURCE = Path(nproxy.__file__).parent

NEW = {
    "backup.created",
    "backup.restored",  # what was there before is gone
    "key.added",
    "proxy.added",
    "telegram_admin.invited",
    "telegram_admin.paired",
    "user.created",
}
GONE = {"key.removed", "proxy.removed", "telegram_admin.revoked"}
CHANGES_NOTHING = {
    "act.refused",
    "books.report_asked",
    "key.tested",
    "proxy.tested",
    "secrets.rotated",  # sealed anew, the same
    "user.password_changed",  # nobody may read either
    "user.reset_sent",
    "accounts/sign_ins.py: action",  # signing in, and failing to
    "staff/exporting.py: f'{self.exported_as}.exported'",
    "staff/pictures/looking.py: action",  # a look, or that it was refused
}


def records() -> Iterator[tuple[str, ast.Call]]:
    """Every place that writes to the log, by its action, or where that is a variable, by its file and the variable."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                action = next(each.value for each in node.keywords if each.arg == "action")
                is_known = isinstance(action, ast.Constant)
                name = str(action.value) if is_known else f"{path.relative_to(SOURCE)}: {ast.unparse(action)}"
                yield name, node


def says(call: ast.Call, name: str) -> bool:
    value = next(each.value for each in call.keywords if each.arg == name)
    return not (isinstance(value, ast.Constant) and value.value is None)


def test_every_act_keeps_what_was_before_and_what_is_after() -> None:
    found = list(records())
    assert len(found) > 30
    for name, call in found:
        if says(call, "before"):
            assert says(call, "after") or name in GONE, name
        else:
            assert name in NEW | CHANGES_NOTHING, name
            assert says(call, "after") or name in CHANGES_NOTHING, name


def test_no_exception_stands_here_that_nothing_needs() -> None:
    halves = {name for name, call in records() if not (says(call, "before") and says(call, "after"))}
    assert halves == NEW | GONE | CHANGES_NOTHING
