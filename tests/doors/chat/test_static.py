"""The page's own files under their hashed names, as production serves them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

BUDGET = 85 * 1024


@pytest.fixture
def collected(settings: Settings, tmp_path: Path) -> Path:
    """Everything static of the site, collected with hashed names."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "nproxy.config.static.HashedStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["admin", "unfold"])
    return tmp_path


def test_every_import_leads_to_a_hashed_module(collected: Path) -> None:
    hashed = [
        path for path in (collected / "js").rglob("*.js") if re.search(r"\.[0-9a-f]{12}\.js$", path.name)
    ]
    assert hashed
    for module in hashed:
        for target in re.findall(r'from\s*"([^"]+)"', module.read_text()):
            assert re.search(r"\.[0-9a-f]{12}\.js$", target), (module.name, target)
            assert (module.parent / target).is_file()


def test_styles_and_scripts_stay_small(collected: Path) -> None:
    static = Path(__file__).parents[3] / "src" / "nproxy" / "web" / "static"
    files = [path for folder in ("css", "js") for path in (static / folder).rglob("*.*")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < BUDGET
