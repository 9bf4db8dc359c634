"""Telegram's HTML: what it lets in, as text with entities, and as HTML that a page may show.

https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "a": "text_link", "blockquote": "blockquote", "tg-spoiler": "spoiler",
}  # fmt: skip


class BadMarkup(Exception):
    """What Telegram says about it."""


@dataclass
class Formatted:
    """A text as a chat shows it. Offsets and lengths of its entities are in UTF-16 units."""

    text: str = ""
    html: str = ""
    entities: list[dict[str, object]] = field(default_factory=list)


def plain(text: str) -> Formatted:
    """A text without markup; a leading command is marked as Telegram marks it."""
    command = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    entities: list[dict[str, object]] = (
        [{"type": "bot_command", "offset": 0, "length": units(command)}] if command else []
    )
    return Formatted(text, escape(text), entities)


def parsed(source: str) -> Formatted:
    """The text of `source`, which is Telegram's HTML. Raises BadMarkup."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    if reader.open:
        raise BadMarkup(f'Can\'t find end tag corresponding to start tag "{reader.open[-1][0]}"')
    return reader.made


def units(text: str) -> int:
    """How long Telegram takes a text to be."""
    return len(text.encode("utf-16-le")) // 2


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.made = Formatted()
        self.open: list[tuple[str, dict[str, object]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in KINDS:
            raise BadMarkup(f'Unsupported start tag "{tag}" at byte offset {self.getpos()[1]}')
        entity: dict[str, object] = {"type": KINDS[tag], "offset": units(self.made.text)}
        href = dict(attrs).get("href")
        if tag == "a" and href:
            entity["url"] = href
        self.open.append((tag, entity))
        self.made.html += f'<a href="{escape(href)}" rel="noreferrer">' if tag == "a" and href else f"<{tag}>"

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            raise BadMarkup(f"Unexpected end tag at byte offset {self.getpos()[1]}")
        _, entity = self.open.pop()
        entity["length"] = units(self.made.text) - int(str(entity["offset"]))
        self.made.entities.append(entity)
        self.made.html += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.made.text += data
        self.made.html += escape(data)
