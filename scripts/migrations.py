"""Finds migrations that the version before them could not live with.

During an update the new schema is there before the old web and workers are gone. So a migration adds, and takes away
only what no code of the version before it uses. Where one must do more, the reason stands behind `# not compatible:`
in the migration itself, and the change log tells operators to stop web and worker first.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

MIGRATIONS = "src/nproxy/*/migrations/[0-9]*.py"
EXCUSE = "# not compatible:"
# Installed nowhere before the first release, so no older version ran beside them.
BEFORE_THE_FIRST_RELEASE = {
    "conversations/migrations/0002_search_and_delete",
    "notifications/migrations/0002_mail_unsubscribe",
    "providers/migrations/0002_proxies_caps_balances",
    "quota/migrations/0003_unpaid_calls",
    "subscriptions/migrations/0002_cycle_months_silence_suspension",
}
TAKES_AWAY = re.compile(r"\b(DROP\s+(TABLE|COLUMN)|RENAME\s+(TO|COLUMN)|SET\s+NOT\s+NULL)\b", re.IGNORECASE)
# Operation: why old code breaks.
BREAKING = {
    "RemoveField": "old code still reads and writes the column",
    "RenameField": "old code knows the old name only",
    "DeleteModel": "old code still uses the table",
    "RenameModel": "old code knows the old table only",
    "AlterModelTable": "old code knows the old table only",
    "AlterUniqueTogether": "use a constraint, added beside the old one",
    "RunPython": "rows that old code goes on writing are not covered; write a chore that repeats, or say why it is safe",
}


def complaints(path: Path) -> Iterator[str]:
    """What is wrong in one migration, a line each."""
    text = path.read_text(encoding="utf-8")
    if EXCUSE in text or str(path.with_suffix("")).removeprefix("src/nproxy/") in BEFORE_THE_FIRST_RELEASE:
        return
    tree = ast.parse(text)
    created = {_created(call) for call in _calls(tree) if _name(call) == "CreateModel"}
    for call in _calls(tree):
        name, model = _name(call), _given(call, "model_name")
        if isinstance(model, str) and model.lower() in {str(each).lower() for each in created}:
            continue  # nobody knows this table yet
        if name in BREAKING:
            yield f"{path}:{call.lineno}: {name}: {BREAKING[name]}"
        if name == "AddField" and not _may_be_left_out(call):
            yield f"{path}:{call.lineno}: AddField without null=True, db_default= or a many-to-many: old code does not fill it"
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and TAKES_AWAY.search(node.value):
            yield f"{path}:{node.lineno}: {' '.join(node.value.split())[:60]}: old code may still need it"


def _may_be_left_out(call: ast.Call) -> bool:
    field = next((keyword.value for keyword in call.keywords if keyword.arg == "field"), None)
    if not isinstance(field, ast.Call):
        return False
    if _name(field) == "ManyToManyField":
        return True
    given = {keyword.arg: keyword.value for keyword in field.keywords}
    null = given.get("null")
    return "db_default" in given or (isinstance(null, ast.Constant) and null.value is True)


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _created(call: ast.Call) -> object:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) else _given(call, "name")


def _given(call: ast.Call, keyword: str) -> object:
    value = next((each.value for each in call.keywords if each.arg == keyword), None)
    return value.value if isinstance(value, ast.Constant) else value


def main() -> int:
    found = [line for path in sorted(Path().glob(MIGRATIONS)) for line in complaints(path)]
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
