"""What may be done about Telegram: let people in and out, owe them messages, ask before acting, tell incidents."""

from __future__ import annotations

from nproxy.telegram.actions.admins import UnknownAdmin, note_back, note_blocked, revoke
from nproxy.telegram.actions.asking import Answered, ask, settle
from nproxy.telegram.actions.messages import (
    forget_old,
    give_up,
    note_bot,
    note_failed,
    note_gone,
    note_sent,
    show,
    take,
    write,
)
from nproxy.telegram.actions.pairing import (
    AlreadyPaired,
    CodeExpired,
    CodeUsed,
    UnknownCode,
    Visitor,
    accept,
    actor_of,
    greet,
    invite,
    pair,
    reject,
)
from nproxy.telegram.actions.telling import tell_incidents

__all__ = [
    "AlreadyPaired",
    "Answered",
    "CodeExpired",
    "CodeUsed",
    "UnknownAdmin",
    "UnknownCode",
    "Visitor",
    "accept",
    "actor_of",
    "ask",
    "forget_old",
    "give_up",
    "greet",
    "invite",
    "note_back",
    "note_blocked",
    "note_bot",
    "note_failed",
    "note_gone",
    "note_sent",
    "pair",
    "reject",
    "revoke",
    "settle",
    "show",
    "take",
    "tell_incidents",
    "write",
]
