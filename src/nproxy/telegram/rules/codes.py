"""Codes and invitations are derived from the row that they belong to, so that no table holds them.

Whoever reads the database cannot tell a code; whoever lost one is told the same again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from nproxy.kit.ids import ALPHABET

CODE_LENGTH = 8
# Telegram takes 64 characters of [A-Za-z0-9_-] after ?start=; 26 of these 32 are 130 bits.
WORD_LENGTH = 26

Key = TypeVar("Key")


def code_for(request: UUID, secret: bytes) -> str:
    """The code of a pairing request: 8 characters of `ALPHABET`."""
    return _derived(request, secret, "code", CODE_LENGTH)


def word_for(invitation: UUID, secret: bytes) -> str:
    """The word in an invitation's link: too long to guess."""
    return _derived(invitation, secret, "invitation", WORD_LENGTH)


def as_typed(code: str) -> str:
    """What a person meant to type: without blanks and dashes, in capitals."""
    return "".join(code.split()).replace("-", "").upper()


def matching(word: str, words: Iterable[tuple[Key, str]]) -> Key | None:
    """Whose word this is. Compares all of them in constant time, so that nothing is learnt from the wait."""
    found: Key | None = None
    for key, each in words:
        if hmac.compare_digest(word.encode(), each.encode()):
            found = key
    return found


def _derived(source: UUID, secret: bytes, purpose: str, length: int) -> str:
    digest = hmac.digest(secret, f"nproxy.telegram.{purpose}\0{source}".encode(), hashlib.sha256)
    # 32 letters: five bits of a byte each, without bias.
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:length])
