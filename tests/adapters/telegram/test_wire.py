"""The stand-in speaks Telegram's wire: what aiogram, which is written for the real one, makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from tests.adapters.telegram.conftest import ANN, WithBot

from nproxy_sandbox.telegram.methods import USERNAME
from nproxy_sandbox.testing import RunningTelegram

MANY = 12
KEYBOARD = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Go", callback_data="go:1")]])


async def until_asked(telegram: RunningTelegram) -> None:
    """Until the stand-in has heard of a poll."""
    async with asyncio.timeout(60):
        while not telegram.control.calls():  # noqa: ASYNC110 - the stand-in lives in another thread
            await asyncio.sleep(0.01)


def test_updates_are_given_until_they_are_confirmed(telegram: RunningTelegram, with_bot: WithBot) -> None:
    async def use(bot: Bot) -> None:
        assert (await bot.get_me()).username == USERNAME
        for text in ("one", "two"):
            telegram.board.say(ANN, text)
        first = await bot.get_updates()
        assert [update.message.text for update in first if update.message] == ["one", "two"]
        assert await bot.get_updates(limit=1) == first[:1]
        assert await bot.get_updates(offset=first[1].update_id) == first[1:]
        assert await bot.get_updates(offset=first[1].update_id + 1) == []

    with_bot(use)


def test_a_long_poll_ends_when_something_comes(telegram: RunningTelegram, with_bot: WithBot) -> None:
    async def use(bot: Bot) -> None:
        poll = asyncio.create_task(bot.get_updates(timeout=30))
        await until_asked(telegram)
        assert not poll.done()
        telegram.board.say(ANN, "hello")
        (update,) = await asyncio.wait_for(poll, 60)
        assert update.message is not None
        assert update.message.from_user is not None
        assert (update.message.chat.type, update.message.from_user.first_name) == ("private", "Ann")

    with_bot(use)


def test_a_second_poll_ends_the_first_and_a_webhook_stands_in_the_way(
    telegram: RunningTelegram, with_bot: WithBot
) -> None:
    async def use(bot: Bot) -> None:
        first = asyncio.create_task(bot.get_updates(timeout=30))
        await until_asked(telegram)
        second = asyncio.create_task(bot.get_updates(timeout=1))
        with pytest.raises(TelegramConflictError):
            await first
        assert await second == []
        await bot.set_webhook("https://example.com/")
        with pytest.raises(TelegramConflictError):
            await bot.get_updates()
        await bot.delete_webhook()
        assert await bot.get_updates() == []

    with_bot(use)


def test_messages_are_shown_edited_and_tapped(telegram: RunningTelegram, with_bot: WithBot) -> None:
    async def use(bot: Bot) -> None:
        telegram.board.say(ANN, "/start")
        sent = await bot.send_message(ANN, "<b>Fish</b> &amp; <code>chips</code>", reply_markup=KEYBOARD)
        assert sent.text == "Fish & chips"
        assert sent.html_text == "<b>Fish</b> &amp; <code>chips</code>"
        tap = telegram.board.tap(ANN, sent.message_id, "go:1")
        query = (await bot.get_updates())[-1].callback_query
        assert query is not None
        assert (query.data, query.message and query.message.message_id) == ("go:1", sent.message_id)
        assert await bot.answer_callback_query(tap, text="Gone.")
        with pytest.raises(TelegramBadRequest, match="query is too old"):
            await bot.answer_callback_query(tap)
        await bot.edit_message_text("Done", chat_id=ANN, message_id=sent.message_id)
        with pytest.raises(TelegramBadRequest, match="message is not modified"):
            await bot.edit_message_text("Done", chat_id=ANN, message_id=sent.message_id)
        with pytest.raises(TelegramBadRequest, match="message to edit not found"):
            await bot.edit_message_text("Done", chat_id=ANN, message_id=1)

    with_bot(use)
    shown = telegram.board.chat(ANN).bubbles[-1]
    assert (shown.said.html, list(shown.keyboard), shown.edits) == ("Done", [], 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "message text is empty"),
        ("x" * 4097, "message is too long"),
        ("<script>", "Unsupported start tag"),
        ("<b>open", "Can't find end tag"),
    ],
)
def test_what_telegram_refuses_is_refused(
    telegram: RunningTelegram, with_bot: WithBot, text: str, words: str
) -> None:
    async def use(bot: Bot) -> None:
        telegram.board.say(ANN, "/start")
        with pytest.raises(TelegramBadRequest, match=words):
            await bot.send_message(ANN, text)

    with_bot(use)


def test_nobody_is_written_to_who_has_not_started_the_bot_or_has_blocked_it(
    telegram: RunningTelegram, with_bot: WithBot
) -> None:
    async def use(bot: Bot) -> None:
        with pytest.raises(TelegramForbiddenError, match="initiate"):
            await bot.send_message(ANN, "hello")
        telegram.board.say(ANN, "/start")
        telegram.board.block(ANN, blocked=True)
        with pytest.raises(TelegramForbiddenError, match="blocked"):
            await bot.send_message(ANN, "hello")
        with pytest.raises(TelegramBadRequest, match="chat not found"):
            await bot.send_message(4711, "hello")

    with_bot(use)


def test_a_flood_is_told_to_wait(telegram: RunningTelegram, with_bot: WithBot) -> None:
    async def use(bot: Bot) -> None:
        telegram.board.say(ANN, "/start")
        telegram.board.burst = 1
        writing = [bot.send_message(ANN, str(number)) for number in range(MANY)]
        ends = await asyncio.gather(*writing, return_exceptions=True)
        refused = [end for end in ends if isinstance(end, TelegramRetryAfter)]
        assert refused
        assert all(1 <= each.retry_after <= 5 for each in refused)
        assert len(telegram.board.chat(ANN).bubbles) == 1 + MANY - len(refused)

    with_bot(use)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("too_many", TelegramRetryAfter),
        ("unauthorized", TelegramUnauthorizedError),
        ("conflict", TelegramConflictError),
        ("internal", TelegramServerError),
        ("reset", TelegramNetworkError),
    ],
)
def test_trouble_comes_when_it_is_ordered_and_once(
    telegram: RunningTelegram, with_bot: WithBot, fault: str, error: type[Exception]
) -> None:
    async def use(bot: Bot) -> None:
        telegram.control.order(fault, key="getme", times=1)
        with pytest.raises(error):
            await bot.get_me()
        assert (await bot.get_me()).is_bot

    with_bot(use)


def test_another_token_is_not_let_in(
    telegram: RunningTelegram, with_bot: WithBot, settings: Callable[..., None]
) -> None:
    settings.NPROXY_TELEGRAM_TOKEN = telegram.token + "x"

    async def use(bot: Bot) -> None:
        with pytest.raises(TelegramUnauthorizedError):
            await bot.get_me()

    with_bot(use)
    assert telegram.token[-4:] not in telegram.control.calls()[0].operation
