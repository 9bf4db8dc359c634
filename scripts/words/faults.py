"""What can be wrong with a translation, found without reading Russian."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from words import catalogues, extraction

# %(name)s, %s, {name}; and the tags of a sentence with a link in it.
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|</?\w+[^>]*>")


def all_of(package: Path) -> list[str]:
    """Every fault of every catalogue, a line each."""
    return [*missing(package), *_obsolete(package), *_odd(package), *_contradictions(package)]


def missing(package: Path) -> list[str]:
    """Strings of the sources without a translation."""
    found = []
    for folder, messages in extraction.by_folder(package).items():
        for language in catalogues.LANGUAGES:
            translated = _translated(folder, language)
            found += [
                f"missing ({language}, {folder.relative_to(package)}): {message.id}"
                for message in messages
                if message.id and (message.id, message.context) not in translated
            ]
    return found


def _obsolete(package: Path) -> list[str]:
    """Translations that no source asks for any more, and catalogues that nothing belongs to."""
    wanted = extraction.by_folder(package)
    found = []
    for path, language, catalogue in _every(package):
        asked = {(message.id, message.context) for message in wanted.get(path.parents[3], ())}
        here = path.relative_to(package)
        found += [
            f"obsolete ({here}): {each.id}"
            for each in catalogue
            if (each.id, each.context) not in asked | {("", None)}
        ]
        found += [f"obsolete ({here}): {each.id}" for each in catalogue.obsolete.values()]
        if language not in catalogues.LANGUAGES:
            found.append(f"unknown language: {here}")
    return found


def _odd(package: Path) -> list[str]:
    """Fuzzy strings, other placeholders than the original's, and a .mo that is not made from its .po."""
    found = []
    for path, _language, catalogue in _every(package):
        here = path.relative_to(package)
        found += [f"fuzzy ({here}): {each.id}" for each in catalogue if each.id and each.fuzzy]
        found += [
            f"placeholders differ ({here}): {each.id}" for each in catalogue if each.id and differs(each)
        ]
        binary = path.with_suffix(".mo")
        if not binary.exists() or binary.read_bytes() != catalogues.compiled(catalogue):
            found.append(f"not compiled ({here}): run make translations")
    return found


def _contradictions(package: Path) -> list[str]:
    """One string with two translations: all catalogues become one when they are loaded, and one would win."""
    said: dict[object, object] = {}
    found = []
    for path, language, catalogue in _every(package):
        for message in catalogue:
            key = (language, message.id, message.context)
            if message.id and said.setdefault(key, message.string) != message.string:
                found.append(f"translated in two ways ({path.relative_to(package)}): {message.id}")
    return found


def differs(message: Message) -> bool:
    """Whether a form of the translation has other placeholders than the original.

    A plural's forms may leave out the number (“one picture”), never invent or lose anything else.
    """
    originals = message.id if isinstance(message.id, (list, tuple)) else [message.id]
    forms = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    allowed = [Counter(PLACEHOLDERS.findall(original)) for original in originals]
    return any(form and Counter(PLACEHOLDERS.findall(form)) not in allowed for form in forms)


def _translated(folder: Path, language: str) -> set[tuple[object, str | None]]:
    path = folder / "locale" / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return set()
    found = catalogues.read(path, language)
    return {(message.id, message.context) for message in found if catalogues.is_translated(message)}


def _every(package: Path) -> Iterator[tuple[Path, str, Catalog]]:
    for path in sorted(package.rglob("locale/*/LC_MESSAGES/django.po")):
        language = path.parents[1].name
        yield path, language, catalogues.read(path, language)
