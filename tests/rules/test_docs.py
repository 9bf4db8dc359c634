"""What the documentation names is there: commands, settings, metrics, files."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from nproxy.cli.root import nproxy
from nproxy.config import environment
from nproxy.config.environment import Environment

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
# The host's script does this one itself (deploy/nproxy).
ON_THE_HOST = {"update"}
# Asked for by compose and by the reader of .env, before there are settings.
BEFORE_SETTINGS = {"NPROXY_ENV_FILE", "NPROXY_SETTINGS_FILE", "NPROXY_VERSION"}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def code(page: Path) -> Iterator[str]:
    """The lines of code on a page, fenced or in a sentence."""
    for number, part in enumerate(re.split(r"^```.*$", page.read_text(), flags=re.MULTILINE)):
        yield from part.splitlines() if number % 2 else re.findall(r"`([^`]+)`", part)


@every_page
def test_every_command_is_one(page: Path) -> None:
    with click.Context(nproxy) as ctx:
        unknown = []
        for line in code(page):
            for words in re.findall(r"(?:^|[\s;&/])nproxy((?: [a-z][a-z-]*)+)", line):
                verb, *more = words.split()
                command = nproxy.get_command(ctx, verb)
                is_known = verb in ON_THE_HOST or command is not None
                if isinstance(command, click.Group) and more:
                    is_known = command.get_command(ctx, more[0]) is not None
                if not is_known:
                    unknown.append(words)
    assert unknown == []


@every_page
def test_every_setting_is_one(page: Path) -> None:
    known = set(BEFORE_SETTINGS)
    for each in dataclasses.fields(Environment):
        name = environment.variable(each.name)
        known |= {name, f"{name}_FILE"} if each.metadata["secret"] else {name}
    assert set(re.findall(r"\bNPROXY_[A-Z0-9_]*[A-Z0-9]\b", page.read_text())) <= known


@every_page
def test_every_file_of_ours_is_there(page: Path) -> None:
    named = {
        path.split(":")[0]
        for line in code(page)
        for path in re.findall(
            r"^(?:(?:src|tests|docs|scripts|deploy|bench)/[\w./-]*\w|[\w/]+/\w+\.(?:py|js|html|css))", line
        )
    }
    named |= {
        str((page.parent / link).resolve().relative_to(ROOT))
        for link in re.findall(r"\]\((?!\w+:|#)([^)#]+)", page.read_text())
    }
    places = (ROOT, ROOT / "src", ROOT / "src/nproxy")
    assert [path for path in sorted(named) if not any((place / path).exists() for place in places)] == []


def test_the_table_of_metrics_is_whole() -> None:
    families = re.findall(
        r"(_counter|_histogram|Family)\(\s*\"(nproxy_\w+)",
        (ROOT / "src/nproxy/web/health/metrics.py").read_text(),
    )
    kept = {f"{name}_total" if kind == "_counter" else name for kind, name in families}
    assert set(re.findall(r"`(nproxy_[a-z_]+)", (ROOT / "docs/admin.md").read_text())) == kept


def test_a_comment_refers_to_documents_that_are_there() -> None:
    sources = [
        path for place in ("src", "scripts", "bench", "deploy") for path in (ROOT / place).rglob("*.py")
    ]
    named = {
        (str(path.relative_to(ROOT)), document)
        for path in sources
        for document in re.findall(r"(?<![\w./-])[\w./-]+\.md\b", path.read_text())
    }
    assert len(named) > 10
    assert [(path, document) for path, document in sorted(named) if not (ROOT / document).exists()] == []
