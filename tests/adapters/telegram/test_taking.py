"""Updates come in over real HTTP: each is taken once, in its person's order, whatever fails meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from aiogram import Bot
from aiogram.types import Update
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from tests.adapters.telegram.conftest import ANN, BEN, WithBot

from nproxy.audit.rules import SYSTEM
from nproxy.bot import taking
from nproxy.bot.handling import handle
from nproxy.kit.threads import in_database
from nproxy.telegram import actions as telegram_room
from nproxy.telegram.actions import Visitor
from nproxy.telegram.actions.pairing import admit
from nproxy.telegram.models import Message, TakenUpdate
from nproxy_sandbox.testing import RunningTelegram

pytestmark = pytest.mark.django_db(transaction=True)

Handle = Callable[[Bot, Update], Awaitable[None]]


@pytest.fixture(autouse=True)
def operators(telegram: RunningTelegram) -> None:
    for number, name in ((ANN, "Ann"), (BEN, "Ben")):
        telegram.board.person(number).has_started = True
        admit(Visitor(number, name), "operator", SYSTEM, timezone.now())
    Message.objects.all().delete()


async def take(handling: Handle, is_enough: Callable[[], Awaitable[bool]], bot: Bot) -> None:
    """Take updates until it is enough, then die in the middle of whatever is under way."""
    at_work = asyncio.create_task(taking.take_for_ever(bot, partial(handling, bot)))
    async with asyncio.timeout(60):
        while not await is_enough():
            assert not at_work.done(), at_work.exception()
            await asyncio.sleep(0.05)
    at_work.cancel()
    await asyncio.wait({at_work})


def line_of(update: Update) -> str:
    return (update.message.text if update.message else "") or ""


def test_nothing_is_lost_while_telegram_or_the_handler_fails(
    telegram: RunningTelegram, with_bot: WithBot
) -> None:
    """Polls fail, one update breaks its handler: the others are handled all the same, each once."""
    telegram.control.order("internal", key="getupdates", times=1)
    for number in range(3):
        telegram.board.say(ANN, f"line {number}")
    handled: list[str] = []

    async def fragile(_: Bot, update: Update) -> None:
        handled.append(line_of(update))
        if handled[-1] == "line 1":
            raise RuntimeError

    async def all_confirmed() -> bool:
        return not telegram.board.updates

    with_bot(partial(take, fragile, all_confirmed))
    assert handled == ["line 0", "line 1", "line 2"]
    assert TakenUpdate.objects.count() == 1  # the broken one, set aside


def test_what_one_admin_waits_for_holds_nobody_else_and_comes_again_after_a_crash(
    telegram: RunningTelegram, with_bot: WithBot
) -> None:
    """Ann's first line takes its time, and the bot dies over it; Ben's, and his later one, are handled meanwhile."""
    is_answered = False
    begun: list[str] = []

    async def slowly(bot: Bot, update: Update) -> None:
        begun.append(line_of(update))
        if begun[-1] == "ann 1" and not is_answered:
            await asyncio.Event().wait()
        if begun[-1] == "ben 1" and not is_answered:
            telegram.board.say(BEN, "ben 2")
        await handle(bot, asyncio.Event(), update)

    async def both_of_ben() -> bool:
        return await in_database(TakenUpdate.objects.count) == 2

    async def all_confirmed() -> bool:
        return not telegram.board.updates

    for person, text in ((ANN, "ann 1"), (ANN, "ann 2"), (BEN, "ben 1")):
        telegram.board.say(person, text)
    with_bot(partial(take, slowly, both_of_ben))
    assert sorted(begun) == ["ann 1", "ben 1", "ben 2"]
    assert len(telegram.board.updates) == 4
    begun.clear()
    is_answered = True
    with_bot(partial(take, slowly, all_confirmed))
    assert begun.index("ann 1") < begun.index("ann 2")
    written = [Message.objects.filter(chat_id=person).count() for person in (ANN, BEN)]
    assert (TakenUpdate.objects.count(), written) == (4, [2, 2])


def test_a_database_that_is_away_while_a_broken_update_is_set_aside_is_waited_for(
    telegram: RunningTelegram, with_bot: WithBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = iter([OperationalError("terminating connection"), InterfaceError("connection already closed")])
    really_take = telegram_room.take

    def take_once_it_is_back(**update: Any) -> bool:
        for loss in losses:
            raise loss
        return really_take(**update)

    monkeypatch.setattr(taking.telegram, "take", take_once_it_is_back)
    monkeypatch.setattr(taking, "AWAY_SECONDS", 0.01)
    telegram.board.say(ANN, "breaks")
    telegram.board.say(ANN, "after it")
    handled: list[str] = []

    async def fragile(_: Bot, update: Update) -> None:
        handled.append(line_of(update))
        if handled[-1] == "breaks":
            raise RuntimeError

    async def all_confirmed() -> bool:
        return not telegram.board.updates

    with_bot(partial(take, fragile, all_confirmed))
    assert handled == ["breaks", "breaks", "breaks", "after it"]
    assert TakenUpdate.objects.count() == 1


def test_a_webhook_that_cannot_be_removed_at_once_is_removed_later(
    telegram: RunningTelegram, with_bot: WithBot
) -> None:
    telegram.board.webhook = "https://example.com/"
    telegram.control.order("internal", key="deletewebhook", times=1)

    async def ignore(_: Bot, __: Update) -> None:
        return

    async def removed() -> bool:
        return not telegram.board.webhook

    with_bot(partial(take, ignore, removed))
    assert telegram.board.webhook == ""
