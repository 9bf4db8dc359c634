"""aiogram's bot, and what its failures mean to us."""

from __future__ import annotations

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import BotCommand
from django.conf import settings

CALL_SECONDS = 15
TROUBLE = (TelegramAPIError, ClientDecodeError)
COMMANDS = {
    "start": "The main menu",
    "keys": "Keys and their states",
    "today": "Numbers of today",
    "health": "Is all well?",
}


def is_token(text: str) -> bool:
    """Whether this looks like what @BotFather tells."""
    number, _, secret = text.partition(":")
    return (
        number.isascii() and number.isdigit() and bool(secret) and not any(each.isspace() for each in secret)
    )


def make_bot() -> Bot:
    """The bot of the token that is set, at the address that is set. Raises ValueError for what is no token."""
    server = TelegramAPIServer.from_base(settings.NPROXY_TELEGRAM_API_URL)
    if not is_token(settings.NPROXY_TELEGRAM_TOKEN):
        raise ValueError("NPROXY_TELEGRAM_TOKEN is not a bot's token: 123456789:AA…, as @BotFather tells it.")
    return Bot(
        settings.NPROXY_TELEGRAM_TOKEN,
        session=AiohttpSession(api=server, timeout=CALL_SECONDS),
        default=DefaultBotProperties(parse_mode="HTML"),
    )


async def introduce(bot: Bot) -> str:
    """Make sure that updates come by polling, and that the menu is right; the bot's username. Raises TROUBLE."""
    me = await bot.get_me()
    await bot.delete_webhook(drop_pending_updates=False)
    await bot.set_my_commands([BotCommand(command=name, description=says) for name, says in COMMANDS.items()])
    return me.username or me.first_name


def words(error: Exception) -> str:
    """What went wrong, for a log or a row: never the address, which holds the token."""
    if isinstance(error, TelegramConflictError):
        return "another program takes this bot's updates"
    if isinstance(error, TelegramUnauthorizedError):
        return "Telegram does not know this token"
    if isinstance(error, TelegramForbiddenError):
        return "the bot was blocked"
    if isinstance(error, TelegramRetryAfter):
        return f"Telegram asks for {error.retry_after} s of silence"
    message = getattr(error, "message", "")
    return f"{type(error).__name__}: {message}"[:200] if message else type(error).__name__
