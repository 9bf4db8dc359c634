"""Static files as they are outside development: collected, hashed, compressed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from pytest_django.fixtures import Settings

RELATIVE_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")
HASHED = re.compile(r"\.[0-9a-f]{12}\.")


@pytest.fixture
def collected(settings: Settings, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "nproxy.config.static.HashedStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_every_import_of_a_module_leads_to_a_hashed_file_that_is_there(collected: Path) -> None:
    modules = [path for path in (collected / "js").rglob("*.js") if HASHED.search(path.name)]
    imports = [(path, name) for path in modules for name in RELATIVE_IMPORT.findall(path.read_text())]
    assert modules
    lost = [
        (path.name, name)
        for path, name in imports
        if not (HASHED.search(name) and (path.parent / name).exists())
    ]
    assert lost == []


def test_pages_name_the_hashed_copies_and_those_are_compressed(collected: Path) -> None:
    sheet = next(path.relative_to(collected) for path in (collected / "css").glob("tokens.*.css"))
    assert staticfiles_storage.url("css/tokens.css") == f"/static/{sheet}"
    assert (collected / f"{sheet}.gz").exists()
