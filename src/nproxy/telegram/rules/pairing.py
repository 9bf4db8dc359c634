"""Who is told a code, how long it is good for, and when the same one is told again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

VALID = timedelta(hours=1)
SENT_AT_MOST_EVERY = timedelta(minutes=1)
MOST_PENDING = 3
INVITATION_VALID = timedelta(hours=1)


class Reply(Enum):
    """What a stranger gets."""

    NOTHING = "nothing"
    NEW_CODE = "new_code"
    SAME_CODE = "same_code"


@dataclass(frozen=True, slots=True)
class Pending:
    """The request of this stranger that waits, if one does."""

    expires_at: datetime
    sent_at: datetime


def reply_to(own: Pending | None, *, pending: int, now: datetime) -> Reply:
    """What to answer a stranger's /start. `pending`: how many requests of anybody wait, unexpired.

    The hour runs from the first /start; asking again does not make it longer.
    """
    if own is not None and now < own.expires_at:
        return Reply.SAME_CODE if now - own.sent_at >= SENT_AT_MOST_EVERY else Reply.NOTHING
    return Reply.NEW_CODE if pending < MOST_PENDING else Reply.NOTHING
