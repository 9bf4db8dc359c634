"""Two taps for what changes something: the second is good for a minute, once, for one person and one state."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

VALID = timedelta(seconds=60)


class Answer(Enum):
    """What becomes of a second tap."""

    GO = "go"
    NOT_YOURS = "not_yours"
    USED = "used"
    TOO_LATE = "too_late"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was asked."""

    admin_id: int
    version: str
    expires_at: datetime
    answered_at: datetime | None


def answer(asked: Asked, *, admin_id: int, version: str, now: datetime) -> Answer:
    """Whether the deed may be done now by this admin to a thing of this version."""
    if asked.admin_id != admin_id:
        return Answer.NOT_YOURS
    if asked.answered_at is not None:
        return Answer.USED
    if now >= asked.expires_at:
        return Answer.TOO_LATE
    return Answer.GO if asked.version == version else Answer.CHANGED


def version_of(*facts: object) -> str:
    """16 hexadecimal digits that differ whenever one of the facts does."""
    told = "\0".join(f"{type(fact).__name__}:{fact}" for fact in facts)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
