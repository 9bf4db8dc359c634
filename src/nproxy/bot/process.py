"""The bot process: it watches, makes incidents, and, with a token, speaks and listens. One of them at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

import structlog
from aiogram import Bot
from django.conf import settings
from django.utils import timezone

from nproxy.bot import summary, watching
from nproxy.bot.client import TROUBLE, introduce, make_bot, words
from nproxy.bot.handling import handle
from nproxy.bot.sending import send_for_ever
from nproxy.bot.taking import take_for_ever
from nproxy.kit.leading import while_leading
from nproxy.kit.threads import DATABASE_AWAY, in_database
from nproxy.notifications import actions as notifications
from nproxy.telegram import actions as telegram
from nproxy.telegram.rules.pace import wait_after

log = structlog.get_logger(__name__)

TELL_EVERY = 1.0
WATCH_EVERY = 15.0
SEEN_EVERY = 30.0

IDLE = "No NPROXY_TELEGRAM_TOKEN is set: alerts go to the log and the web admin only."


async def run(stopping: asyncio.Event) -> None:
    """Be the bot until told to stop. What is under way then is left as it is: its rows know how far it was."""
    if settings.NPROXY_TELEGRAM_TOKEN:
        bot = make_bot()
        leading = asyncio.create_task(while_leading(f"telegram bot {bot.id}", partial(_speak, bot)))
    else:
        log.warning("bot.idle", why=IDLE)
        leading = asyncio.create_task(while_leading("telegram bot without a token", _watch_and_tell))
    stop = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({leading, stop}, return_when=asyncio.FIRST_COMPLETED)
        if leading.done():
            leading.result()
    finally:
        for task in (leading, stop):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await leading


async def _speak(bot: Bot) -> None:
    async with bot.session:
        await _introduced(bot)
        woken = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(take_for_ever(bot, partial(handle, bot, woken)))
            tasks.create_task(_again_if_the_database_was_away(partial(send_for_ever, bot, woken)))
            tasks.create_task(_watch_and_tell())
            tasks.create_task(_be_seen(bot))


async def _introduced(bot: Bot) -> None:
    failures = 0
    while True:
        try:
            username = await introduce(bot)
            await in_database(telegram.note_bot, bot_id=bot.id, username=username, now=timezone.now())
        except (*TROUBLE, *DATABASE_AWAY) as trouble:
            failures += 1
            seconds = wait_after(failures).total_seconds()
            log.warning("telegram.away", error=words(trouble), again_in=seconds)
            await asyncio.sleep(seconds)
        else:
            log.info("bot.speaking", username=username)
            return


async def _be_seen(bot: Bot) -> None:
    """Say that we live, where `doctor` and the admin look."""
    while True:
        await asyncio.sleep(SEEN_EVERY)
        with suppress(*TROUBLE, *DATABASE_AWAY):
            me = await bot.get_me()
            await in_database(
                telegram.note_bot, bot_id=bot.id, username=me.username or "", now=timezone.now()
            )


async def _watch_and_tell() -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_every(TELL_EVERY, _tell))
        tasks.create_task(_every(WATCH_EVERY, _watch))


def _tell(now: datetime) -> None:
    notifications.gather(now=now)
    telegram.tell_incidents(now=now)


def _watch(now: datetime) -> None:
    watching.watch(now)
    summary.send_if_due(now)


async def _every(seconds: float, step: Callable[[datetime], None]) -> None:
    while True:
        try:
            await in_database(step, timezone.now())
        except DATABASE_AWAY:
            log.warning("bot.database_away")
        except Exception:
            log.exception("bot.step_failed", step=step.__name__)
        await asyncio.sleep(seconds)


async def _again_if_the_database_was_away(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        with suppress(*DATABASE_AWAY):
            await work()
        await asyncio.sleep(1)
