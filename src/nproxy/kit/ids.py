"""Identifiers that sort by the time they were made."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

# No I, O, 0 or 1: a person may have to read it aloud.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562): unique, and increasing within a process."""
    return uuid7()


def short_code(source: UUID, length: int = 8) -> str:
    """`length` characters (1 to 12) of `ALPHABET` that stand for the random end of `source`."""
    number = source.int
    code = ""
    for _ in range(length):
        number, rest = divmod(number, len(ALPHABET))
        code += ALPHABET[rest]
    return code
