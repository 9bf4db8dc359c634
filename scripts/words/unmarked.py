"""Words in templates that nobody marked for translation."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, TokenType

from words.extraction import owner

# Names, units and formats, which every language writes like this.
SAME_EVERYWHERE = re.compile(
    r'nproxy|UTC|USD|data-[\w-]+="[^"]*"|\bEnter\b|\bShift\b|\bPNG\b|\bJPEG\b|\bWebP\b|\bHEIC\b|&\w+;'
)
READ_ALOUD = {"alt", "title", "placeholder", "aria-label", "content", "label"}
WORD = re.compile(r"[^\W\d_]{2,}")


def words(package: Path) -> list[str]:
    """A line for each piece of text in a template of ours that stands outside of any translation."""
    found = []
    for path in sorted(package.rglob("templates/**/*.html")):
        if owner(package, path) is not None:
            here = path.relative_to(package)
            found += [f"not marked for translation ({here}): {text}" for text in _unmarked(path)]
    return found


def _unmarked(path: Path) -> list[str]:
    reader = _Reader()
    reader.feed(_without_tags(path.read_text(encoding="utf-8")))
    reader.close()
    texts = (SAME_EVERYWHERE.sub("", text).strip() for text in reader.texts)
    return [text for text in texts if WORD.search(text)]


def _without_tags(source: str) -> str:
    """The template's own text: no tags, no values, nothing between `blocktranslate` and its end."""
    kept: list[str] = []
    hidden_until = ""
    for token in Lexer(source).tokenize():
        if token.token_type is TokenType.BLOCK:
            tag = token.contents.split()[0]
            if tag in {"blocktranslate", "comment"}:
                hidden_until = f"end{tag}"
            elif tag == hidden_until:
                hidden_until = ""
        elif token.token_type is TokenType.TEXT and not hidden_until:
            kept.append(token.contents)
    return "".join(kept)


class _Reader(HTMLParser):
    """Collects what is read: text, and the attributes that are read aloud or shown."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"style", "script"}
        named = dict(attrs)
        is_for_machines = tag == "meta" and named.get("name") != "description"
        if not is_for_machines:
            self.texts += [value for name, value in attrs if name in READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"style", "script"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)
