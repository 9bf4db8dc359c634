"""What people read, found in the sources: Python and templates, by the catalogue that it belongs to."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation import templatize

# Operators and engineers read English: what is said only to them has no catalogue.
FOR_OPERATORS = {"staff", "cli", "bot", "config", "clock"}
FOR_ENGINEERS = {"styleguide"}
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def by_folder(package: Path) -> dict[Path, Catalog]:
    """The messages of the sources under `package`, by the folder whose `locale` holds them."""
    found: dict[Path, Catalog] = {}
    for path in sorted(package.rglob("*")):
        if path.suffix not in {".py", ".html", ".txt"} or "migrations" in path.parts:
            continue
        folder = owner(package, path)
        if folder is None:
            continue
        for message, comments, context in messages(path):
            catalogue = found.setdefault(folder, Catalog())
            place = (path.relative_to(package).as_posix(), 1)
            catalogue.add(message, locations=[place], auto_comments=comments, context=context)
    return found


def owner(package: Path, path: Path) -> Path | None:
    """Whose `locale` a file's words go to: a surface of the site, the site as a whole, or a room."""
    room, *rest = path.relative_to(package).parts
    if room in FOR_OPERATORS or not rest or rest[0] in FOR_ENGINEERS:
        return None
    if room == "web" and len(rest) > 1 and rest[0] not in {"templates", "static"}:
        return package / room / rest[0]
    return package / room


Message = str | tuple[str, ...]


def messages(path: Path) -> Iterator[tuple[Message, list[str], str | None]]:
    """What one file asks to have translated: the message (or its forms), comments for translators, the context."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Its layout is the template's, not Python's.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
    source = io.BytesIO(text.encode())
    for _line, message, comments, context in extract("python", source, KEYWORDS, ["Translators:"]):
        yield message, comments, context
