"""What the rooms have written goes out, in order, at Telegram's pace, however often it takes."""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramRetryAfter,
)
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from django.utils import timezone

from nproxy.bot.client import TROUBLE, words
from nproxy.kit.threads import in_database
from nproxy.telegram import actions as telegram
from nproxy.telegram import queries
from nproxy.telegram.queries import Outgoing
from nproxy.telegram.rules.menu import Keyboard
from nproxy.telegram.rules.pace import Pace

log = structlog.get_logger(__name__)

LOOK_EVERY = 0.5
UNCHANGED = "message is not modified"
GONE = ("message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID")


async def send_for_ever(bot: Bot, woken: asyncio.Event) -> None:
    """Send whatever is due; `woken` says that there is something new."""
    pace = Pace()
    while True:
        woken.clear()
        for message in await in_database(queries.due, timezone.now()):
            await _at_its_time(pace, message)
            await send(bot, message, pace)
        try:
            async with asyncio.timeout(LOOK_EVERY):
                await woken.wait()
        except TimeoutError:
            continue


async def _at_its_time(pace: Pace, message: Outgoing) -> None:
    now = timezone.now()
    await asyncio.sleep((pace.ready_at(message.chat_id, now) - now).total_seconds())


async def send(bot: Bot, message: Outgoing, pace: Pace) -> None:
    """Send one message, or change it, and write down what came of it."""
    try:
        number = await _hand_over(bot, message)
    except TelegramRetryAfter as wait:
        pace.hush(wait.retry_after, timezone.now())
        log.warning("telegram.told_to_wait", seconds=wait.retry_after)
    except TelegramForbiddenError as refusal:
        await in_database(_refused, message, words(refusal), timezone.now())
    except TelegramBadRequest as refusal:
        await in_database(_rejected, message, refusal.message, timezone.now())
    except TROUBLE as trouble:
        log.warning("telegram.not_sent", message=message.id, error=words(trouble))
        await in_database(
            telegram.note_failed, message_id=message.id, error=words(trouble), now=timezone.now()
        )
    else:
        now = timezone.now()
        pace.spoke(message.chat_id, now)
        await in_database(
            telegram.note_sent, message_id=message.id, revision=message.revision, number=number, now=now
        )


async def _hand_over(bot: Bot, message: Outgoing) -> int:
    """The message's number in its chat."""
    keyboard = _markup(message.keyboard)
    if message.number is None:
        sent = await bot.send_message(message.chat_id, message.text, reply_markup=keyboard)
        return sent.message_id
    await bot.edit_message_text(
        message.text, chat_id=message.chat_id, message_id=message.number, reply_markup=keyboard
    )
    return message.number


def _refused(message: Outgoing, error: str, now: datetime) -> None:
    telegram.note_blocked(telegram_id=message.chat_id, now=now)
    telegram.give_up(message_id=message.id, error=error, now=now)


def _rejected(message: Outgoing, error: str, now: datetime) -> None:
    """Telegram will not take it as it is: it says so already, or is gone, or is wrong."""
    if UNCHANGED in error and message.number is not None:
        telegram.note_sent(message_id=message.id, revision=message.revision, number=message.number, now=now)
    elif message.number is not None and any(gone in error for gone in GONE):
        telegram.note_gone(message_id=message.id, now=now)
    else:
        log.error("telegram.rejected", message=message.id, error=error)
        telegram.give_up(message_id=message.id, error=error, now=now)


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    rows = [[InlineKeyboardButton(text=label, callback_data=data) for label, data in row] for row in keyboard]
    return InlineKeyboardMarkup(inline_keyboard=rows)
