"""The linter of migrations finds what the version before could not live with."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAD = "from django.db import migrations, models\nclass Migration(migrations.Migration):\n    operations = [{}]\n"


def complaints(folder: Path, operation: str) -> list[str]:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import migrations as linter  # a script, not a module of the project
    finally:
        sys.path.pop(0)
    file = folder / "0002_x.py"
    file.write_text(HEAD.format(operation))
    return list(linter.complaints(file))


@pytest.mark.parametrize(
    "operation",
    [
        "migrations.RemoveField(model_name='a', name='b')",
        "migrations.RenameField(model_name='a', old_name='b', new_name='c')",
        "migrations.DeleteModel(name='a')",
        "migrations.AddField(model_name='a', name='b', field=models.CharField(max_length=3))",
        "migrations.AddField(model_name='a', name='b', field=models.CharField(max_length=3, default=''))",
        "migrations.RunSQL('ALTER TABLE a DROP COLUMN b')",
        "migrations.RunPython(print)",
    ],
)
def test_what_breaks_the_version_before_is_found(tmp_path: Path, operation: str) -> None:
    assert len(complaints(tmp_path, operation)) == 1
    assert complaints(tmp_path, f"# not compatible: 2.0 says so in the change log\n{operation}") == []


@pytest.mark.parametrize(
    "operation",
    [
        "migrations.AddField(model_name='a', name='b', field=models.CharField(max_length=3, null=True))",
        "migrations.AddField(model_name='a', name='b', field=models.CharField(max_length=3, db_default=''))",
        "migrations.CreateModel('A', []), migrations.AddField(model_name='a', name='b', field=models.IntegerField())",
        "migrations.RunSQL('CREATE INDEX c ON a (b)', 'DROP INDEX c')",
    ],
)
def test_what_only_adds_is_let_be(tmp_path: Path, operation: str) -> None:
    assert complaints(tmp_path, operation) == []
