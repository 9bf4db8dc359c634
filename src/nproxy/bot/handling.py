"""One update: who it is from, what they may, and what comes of it, in one transaction with its being taken."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog
from aiogram import Bot
from aiogram.types import CallbackQuery, Update, User
from django.db import transaction
from django.utils import timezone

from nproxy.bot import acting, outside
from nproxy.bot.acting import Tap
from nproxy.bot.client import TROUBLE
from nproxy.bot.screens import show
from nproxy.kit.threads import in_database
from nproxy.telegram import actions as telegram
from nproxy.telegram import queries
from nproxy.telegram.actions import Visitor
from nproxy.telegram.queries import AdminView

log = structlog.get_logger(__name__)

PRIVATE = "private"
# What a person types to get to a screen.
COMMANDS = {"/start": "home", "/menu": "home", "/keys": "pool", "/today": "today", "/health": "health"}
NAME_LENGTH, USERNAME_LENGTH = 128, 64


@dataclass(frozen=True, slots=True)
class Came:
    """An update that is for us: a line in a private chat, or a tap under a message there."""

    bot_id: int
    update_id: int
    visitor: Visitor
    line: str = ""
    tap: Tap | None = None
    tap_id: str = ""


async def handle(bot: Bot, woken: asyncio.Event, update: Update) -> None:
    """Do what the update asks for, once, and let the sender know that there is something to send."""
    came = read(bot.id, update)
    if came is None:
        return
    told = ""
    if came.tap is not None:
        told = await outside.ask(came.visitor, came.tap)
    toast = await in_database(_take, came, told, timezone.now())
    woken.set()
    if came.tap_id and toast is not None:
        with suppress(*TROUBLE):  # too old, or Telegram is away: the screen says it all
            await bot.answer_callback_query(came.tap_id, text=toast or None)


def read(bot_id: int, update: Update) -> Came | None:
    """What the update is to us; None for groups, for other bots, and for what is neither a line nor a tap."""
    event = update.message or update.callback_query
    if event is None or event.from_user is None or event.from_user.is_bot:
        return None
    visitor = _visitor(event.from_user)
    if isinstance(event, CallbackQuery):
        tap = _tap(event)
        if tap is None:
            return None
        return Came(bot_id, update.update_id, visitor, tap=tap, tap_id=event.id)
    if event.chat.type != PRIVATE:
        return None
    return Came(bot_id, update.update_id, visitor, line=(event.text or "").strip())


def _visitor(user: User) -> Visitor:
    return Visitor(user.id, user.full_name[:NAME_LENGTH], (user.username or "")[:USERNAME_LENGTH])


def _tap(query: CallbackQuery) -> Tap | None:
    message = query.message
    if message is None or message.chat.type != PRIVATE or not query.data:
        return None
    verb, _, argument = query.data.partition(":")
    return Tap(message.message_id, verb, argument)


def _take(came: Came, told: str, now: datetime) -> str | None:
    """The words to answer a tap with; None when there is nothing to answer: a stranger, or an update of before."""
    with transaction.atomic():
        if not telegram.take(bot_id=came.bot_id, update_id=came.update_id, now=now):
            return None
        admin = queries.admin(came.visitor.telegram_id)
        if admin is None:
            _meet(came, now)
            return None
        if admin.blocked_at is not None:
            telegram.note_back(telegram_id=admin.telegram_id)
        if came.tap is not None:
            return acting.tapped(admin, came.visitor, came.tap, told, now)
        _typed(admin, came.line, now)
        return ""


def _meet(came: Came, now: datetime) -> None:
    """A stranger: a code for /start, a door for an invitation, silence for everything else."""
    command, _, word = came.line.partition(" ")
    if command != "/start":
        log.info("telegram.stranger", telegram_id=came.visitor.telegram_id, tapped=came.tap is not None)
    elif not (word and telegram.accept(word=word.strip(), visitor=came.visitor, now=now)):
        telegram.greet(visitor=came.visitor, now=now)


def _typed(admin: AdminView, line: str, now: datetime) -> None:
    """A command shows its screen; anything else is taken for an address to look for."""
    command = line.split(maxsplit=1)[0].partition("@")[0] if line.startswith("/") else ""
    screen = (
        show(COMMANDS.get(command, "home"), admin, "", now)
        if command or not line
        else show("find", admin, line[:254], now)
    )
    telegram.write(chat_id=admin.telegram_id, text=screen.text, keyboard=screen.keyboard, now=now)
