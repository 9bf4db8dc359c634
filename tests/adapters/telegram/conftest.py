"""A Telegram stand-in where the product looks for it, and the real aiogram, imported once for all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from aiogram import Bot
from pytest_django import Settings

from nproxy.bot.client import make_bot
from nproxy_sandbox.telegram.chats import Bubble
from nproxy_sandbox.testing import RunningTelegram, running_telegram

ANN, BEN, CLEO = 7001, 7002, 7003


@pytest.fixture(scope="module")
def _server() -> Iterator[RunningTelegram]:
    with running_telegram() as running:
        yield running


@pytest.fixture
def telegram(_server: RunningTelegram, settings: Settings) -> RunningTelegram:
    """The stand-in, nobody of whom has said anything yet."""
    _server.board.reset()
    _server.control.reset()
    settings.NPROXY_TELEGRAM_API_URL = _server.base_url
    settings.NPROXY_TELEGRAM_TOKEN = _server.token
    return _server


@pytest.fixture
def said(telegram: RunningTelegram) -> Callable[..., list[Bubble]]:
    """What the bot has said to somebody."""
    return lambda person=ANN: [one for one in telegram.board.chat(person).bubbles if one.sender is None]


WithBot = Callable[[Callable[[Bot], Awaitable[None]]], None]


@pytest.fixture
def with_bot(telegram: RunningTelegram) -> WithBot:
    """Runs `use(bot)` in an event loop of its own, and closes the bot's session afterwards."""

    async def run(use: Callable[[Bot], Awaitable[None]]) -> None:
        bot = make_bot()
        async with bot.session:
            await use(bot)

    return lambda use: asyncio.run(run(use))
