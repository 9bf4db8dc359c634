"""Updates come in: none is lost, none is handled twice.

An update is confirmed towards Telegram only after the transaction that took it; what was not confirmed comes
again, and is found taken. So nothing has to be remembered about how far we were.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramConflictError, TelegramRetryAfter
from aiogram.types import Update
from django.utils import timezone

from nproxy.bot.client import TROUBLE, words
from nproxy.kit.threads import DATABASE_AWAY, in_database
from nproxy.telegram import actions as telegram
from nproxy.telegram.rules.pace import wait_after

log = structlog.get_logger(__name__)

POLL_SECONDS = 25
PATIENCE = 10
KINDS = ["message", "callback_query"]
AWAY_SECONDS = 1.0

Handle = Callable[[Update], Awaitable[None]]


async def take_for_ever(bot: Bot, handle: Handle) -> None:
    """Ask for updates and hand them to `handle`, in their order, one chat beside the other."""
    offset: int | None = None
    failures = 0
    while True:
        try:
            updates = await bot.get_updates(
                offset=offset,
                timeout=POLL_SECONDS,
                allowed_updates=KINDS,
                request_timeout=POLL_SECONDS + PATIENCE,
            )
        except TROUBLE as trouble:
            failures += 1
            await _pause(bot, trouble, failures)
            continue
        failures = 0
        await asyncio.gather(*(_in_turn(bot, handle, own) for own in _by_chat(updates)))
        offset = max((update.update_id + 1 for update in updates), default=offset)


async def _pause(bot: Bot, trouble: Exception, failures: int) -> None:
    seconds = wait_after(failures).total_seconds()
    if isinstance(trouble, TelegramRetryAfter):
        seconds = trouble.retry_after
    log.warning("telegram.away", error=words(trouble), again_in=seconds)
    if isinstance(trouble, TelegramConflictError) and "webhook" in trouble.message:
        with suppress(*TROUBLE):  # the next poll says whether it stands in the way still
            await bot.delete_webhook(drop_pending_updates=False)
    await asyncio.sleep(seconds)


def _by_chat(updates: list[Update]) -> list[list[Update]]:
    chats: dict[int, list[Update]] = {}
    for update in updates:
        event = update.message or update.callback_query
        person = event.from_user.id if event is not None and event.from_user is not None else 0
        chats.setdefault(person, []).append(update)
    return list(chats.values())


async def _in_turn(bot: Bot, handle: Handle, updates: list[Update]) -> None:
    for update in updates:
        while not await _handled(bot, handle, update):  # noqa: ASYNC110 - the database's return is no event of ours
            await asyncio.sleep(AWAY_SECONDS)


async def _handled(bot: Bot, handle: Handle, update: Update) -> bool:
    """False while the database is away: the update is not ours yet, and is tried again. One that breaks the
    handler is set aside, or nothing would come after it."""
    try:
        await handle(update)
    except DATABASE_AWAY:
        log.warning("telegram.database_away", update=update.update_id)
        return False
    except Exception:
        log.exception("telegram.update_broke", update=update.update_id)
        await in_database(telegram.take, bot_id=bot.id, update_id=update.update_id, now=timezone.now())
    return True
