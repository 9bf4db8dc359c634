"""The .po files, and the .mo files that Django reads, which are made from them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

# English is what stands in the sources.
LANGUAGES = ("ru",)
# A date in a header would make every run a change.
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)

Known = dict[tuple[object, str | None], Message]


def files(package: Path, language: str) -> Iterator[Path]:
    """Every .po of a language."""
    return iter(sorted(package.rglob(f"locale/{language}/LC_MESSAGES/django.po")))


def read(path: Path, language: str) -> Catalog:
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    catalogue.creation_date = catalogue.revision_date = NO_DATE
    return catalogue


def known(package: Path) -> dict[str, Known]:
    """All that is translated, whatever its catalogue: a string that moves, or is said twice, keeps its words."""
    return {
        language: {
            (message.id, message.context): message
            for path in files(package, language)
            for message in read(path, language)
            if message.id and is_translated(message)
        }
        for language in LANGUAGES
    }


def is_translated(message: Message) -> bool:
    forms = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return all(forms) and not message.fuzzy


def write(folder: Path, language: str, messages: Catalog, kept: Known) -> None:
    """Write the catalogue of `folder`: `messages` as the sources have them, with the translations in `kept`."""
    catalogue = Catalog(locale=language, creation_date=NO_DATE, revision_date=NO_DATE)
    for message in messages:
        if message.id:
            translated = kept.get((message.id, message.context))
            catalogue.add(
                message.id,
                translated.string if translated else None,
                locations=message.locations,
                auto_comments=message.auto_comments,
                user_comments=translated.user_comments if translated else (),
                context=message.context,
            )
    path = folder / "locale" / language / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_po(catalogue))
    path.with_suffix(".mo").write_bytes(compiled(read(path, language)))


def compiled(catalogue: Catalog) -> bytes:
    target = io.BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def _po(catalogue: Catalog) -> bytes:
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalogue.locale_identifier}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    target = io.BytesIO()
    write_po(target, catalogue, width=110, omit_header=True, include_lineno=False, sort_by_file=True)
    return header.encode() + target.getvalue()
