"""What a mail consists of, how long it is tried, and which answers of a mail server are final."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

# Waits of 4, 16, 64 … seconds between tries: eight tries are about six hours.
WAIT_GROWTH = 4
MAX_TRIES = 8
# About five minutes of trouble: now it is worth an operator's attention.
WORRYING_TRIES = 4
ID_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Button:
    """The one thing that a mail asks for."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in words: paragraphs, then the button, then what is good to know. Both parts are made from it."""

    subject: str
    lines: tuple[str, ...]
    button: Button | None = None
    notes: tuple[str, ...] = ()


def is_final(code: int) -> bool:
    """Whether an SMTP reply code (RFC 5321 §4.2.1) says that trying again is useless: 5xx is, 4xx is not."""
    return 500 <= code <= 599


def is_last_try(tries: int) -> bool:
    """Whether the try with this number (1 is the first) is the last one."""
    return tries >= MAX_TRIES


def message_id(key: str, written_at: datetime, sender: str) -> str:
    """The Message-ID of the mail with this key: the same at each try, so that a copy sent twice is shown once.

    Of no other mail ever: after a restore, numbers and keys may come again, but not at the same moment.
    """
    domain = sender.rpartition("@")[2].strip("> ")
    digest = sha256(f"{key} {written_at.timestamp():.6f}".encode()).hexdigest()
    return f"<mail.{digest[:ID_LENGTH]}@{domain}>"
