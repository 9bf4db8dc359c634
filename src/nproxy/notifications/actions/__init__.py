"""What goes out: alerts for operators, mails for people. Rows first, sending later."""

from __future__ import annotations

from nproxy.notifications.actions.alerting import (
    alert,
    close,
    forget_old_alerts,
    gather,
    hush,
    note_heard,
    note_told,
    recovered,
)
from nproxy.notifications.actions.mailing import forget_mails_to, forget_old_mails, send_letter, send_mail

__all__ = [
    "alert",
    "close",
    "forget_mails_to",
    "forget_old_alerts",
    "forget_old_mails",
    "gather",
    "hush",
    "note_heard",
    "note_told",
    "recovered",
    "send_letter",
    "send_mail",
]
