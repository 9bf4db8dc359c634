"""Updates come in: none is lost, none is handled twice.

An update is confirmed towards Telegram only after the transaction that took it; what was not confirmed comes
again, and is found taken. So nothing has to be remembered about how far we were.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramConflictError, TelegramRetryAfter
from aiogram.types import Update
from django.utils import timezone

from nproxy.bot.backlog import Backlog
from nproxy.bot.client import TROUBLE, words
from nproxy.kit.threads import DATABASE_AWAY, in_database
from nproxy.telegram import actions as telegram
from nproxy.telegram.rules.pace import wait_after

log = structlog.get_logger(__name__)

POLL_SECONDS = 25
PATIENCE = 10
KINDS = ["message", "callback_query"]
AWAY_SECONDS = 1.0
# How soon we ask for what others have sent while one update is under way: it comes again meanwhile.
GLANCE_SECONDS = 0.5

Handle = Callable[[Update], Awaitable[None]]


async def take_for_ever(bot: Bot, handle: Handle) -> None:
    """Ask for updates and hand them to `handle`: a person's in their order, and nobody waits for another one's."""
    failures = 0
    async with asyncio.TaskGroup() as tasks:
        backlog = Backlog(tasks, partial(_in_the_end, bot, handle))
        while True:
            offset = backlog.offset
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
            backlog.add(offset, updates)
            await backlog.moved(within=GLANCE_SECONDS)


async def _pause(bot: Bot, trouble: Exception, failures: int) -> None:
    seconds = wait_after(failures).total_seconds()
    if isinstance(trouble, TelegramRetryAfter):
        seconds = trouble.retry_after
    log.warning("telegram.away", error=words(trouble), again_in=seconds)
    if isinstance(trouble, TelegramConflictError) and "webhook" in trouble.message:
        with suppress(*TROUBLE):  # the next poll says whether it stands in the way still
            await bot.delete_webhook(drop_pending_updates=False)
    await asyncio.sleep(seconds)


async def _in_the_end(bot: Bot, handle: Handle, update: Update) -> None:
    while not await _handled(bot, handle, update):  # noqa: ASYNC110 - the database's return is no event of ours
        await asyncio.sleep(AWAY_SECONDS)


async def _handled(bot: Bot, handle: Handle, update: Update) -> bool:
    """False while the database is away: the update is not ours yet, and is tried again. One that breaks the
    handler is set aside, or nothing of this person would come after it."""
    try:
        try:
            await handle(update)
        except DATABASE_AWAY:
            raise
        except Exception:
            log.exception("telegram.update_broke", update=update.update_id)
            await in_database(telegram.take, bot_id=bot.id, update_id=update.update_id, now=timezone.now())
    except DATABASE_AWAY:
        log.warning("telegram.database_away", update=update.update_id)
        return False
    return True
