"""What a person may ask for in one turn, and how a repeated submit is recognised."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

TITLE_LENGTH = 60
LONGEST_TITLE = 80
# More words than this narrow a search no further.
SEARCHED_WORDS = 12
# A draft may be longer than what a model takes: people paste first and shorten then.
LONGEST_DRAFT = 20_000
# The pictures of a draft that nobody touched for so long may go; its words stay.
DRAFT_HOLDS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Wish:
    """One turn's request. `strength` is empty for text_to_image, else subtle, balanced or strong."""

    prompt: str
    mode: str
    resolution: str
    aspect_ratio: str
    strength: str
    batch_size: int
    model: str = "nano_banana"


@dataclass(frozen=True, slots=True)
class Composed:
    """What stands in a composer and is not sent yet. `mode` is empty while it follows the attached pictures."""

    prompt: str = ""
    mode: str = ""
    resolution: str = ""
    aspect_ratio: str = ""
    batch_size: int = 0
    strength: str = ""
    source_ids: tuple[UUID, ...] = ()


def digest(conversation_id: UUID, wish: Wish, source_ids: Sequence[UUID]) -> str:
    """SHA-256 (hex) of all that the person sent: equal for a repetition, different for another body."""
    body = [str(conversation_id), asdict(wish), [str(source) for source in source_ids]]
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def title_of(prompt: str) -> str:
    """A conversation's title: the prompt's first words, at most 60 characters, cut between words."""
    words = " ".join(prompt.split())
    if len(words) <= TITLE_LENGTH:
        return words
    return words[: TITLE_LENGTH - 1].rsplit(" ", 1)[0].rstrip(",.;:") + "…"


def clean_title(text: str) -> str:
    """A title as a person typed it: one line, at most 80 characters; empty when nothing is left."""
    return " ".join(text.replace("\0", "").split())[:LONGEST_TITLE].strip()


def mark_of(lines: Iterable[tuple[UUID, str]]) -> str:
    """A short text that changes when a list of (conversation, title) does, in whatever order it stands."""
    told = "\n".join(sorted(f"{name} {title}" for name, title in lines))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def search_query(text: str) -> str:
    """What a person types into a search as PostgreSQL's to_tsquery reads it: every word, each the start of one.

    Empty when there is nothing to search for. Each word is quoted, so nothing in it is an operator.
    """
    words = [word for word in text.replace("\0", "").replace("\\", " ").split() if re.search(r"[^\W_]", word)]
    quoted = (word.replace("'", "''") for word in words[:SEARCHED_WORDS])
    return " & ".join(f"'{word}':*" for word in quoted)
