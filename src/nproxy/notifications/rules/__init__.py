"""What is known about going out without asking anyone: of mails, of incidents, of quiet hours."""

from __future__ import annotations

from nproxy.notifications.rules.mails import (
    MAX_TRIES,
    WAIT_GROWTH,
    WORRYING_TRIES,
    Button,
    Letter,
    is_final,
    is_last_try,
    message_id,
)

__all__ = [
    "MAX_TRIES",
    "WAIT_GROWTH",
    "WORRYING_TRIES",
    "Button",
    "Letter",
    "is_final",
    "is_last_try",
    "message_id",
]
