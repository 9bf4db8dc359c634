"""The bot against the stand-in, over real HTTP with the real aiogram: taking, acting, sending."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from aiogram import Bot
from django.utils import timezone
from pytest_django import Settings
from tests.adapters.telegram.conftest import ANN, BEN, CLEO, WithBot

from nproxy.accounts.models import User
from nproxy.audit import queries as audit
from nproxy.audit.rules import SYSTEM
from nproxy.bot import deeds
from nproxy.bot.client import introduce
from nproxy.bot.handling import handle
from nproxy.bot.sending import send
from nproxy.generations import queries as drawing
from nproxy.generations.models import Pause
from nproxy.kit.threads import in_database
from nproxy.notifications import actions as notifications
from nproxy.notifications.models import Incident
from nproxy.providers import actions as providers
from nproxy.providers import queries as pool
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries as access
from nproxy.telegram import actions as telegram_room
from nproxy.telegram import queries, requests
from nproxy.telegram.actions import Visitor
from nproxy.telegram.actions.pairing import admit
from nproxy.telegram.models import Message, Pairing, Question, TakenUpdate
from nproxy.telegram.rules.codes import code_for
from nproxy.telegram.rules.pace import Pace
from nproxy_sandbox.telegram.chats import Bubble
from nproxy_sandbox.testing import Running, RunningTelegram, running_gemini, running_openrouter

pytestmark = pytest.mark.django_db(transaction=True)

Said = Callable[..., list[Bubble]]


class Chat:
    """Somebody's phone, and the bot at work whenever they have done something."""

    def __init__(self, telegram: RunningTelegram, with_bot: WithBot, person: int) -> None:
        self.telegram, self.with_bot, self.person = telegram, with_bot, person

    def say(self, text: str) -> None:
        self.telegram.board.say(self.person, text)
        self.work()

    def tap(self, data: str, *, forged: bool = False) -> str:
        """Tap the newest button whose data begins so; what the tap was answered with."""
        found = [
            (bubble.number, button["callback_data"])
            for bubble in self.telegram.board.chat(self.person).bubbles
            for row in bubble.keyboard
            for button in row
            if button["callback_data"].startswith(data)
        ]
        newest = self.telegram.board.chat(self.person).bubbles[-1].number
        number, whole = (newest, data) if forged else found[-1]
        tap = self.telegram.board.tap(self.person, number, whole, forged=forged)
        self.work()
        return self.telegram.board.answers.get(tap, "(nothing)")

    def work(self, *, sends: bool = True) -> None:
        """The bot takes what waits, and sends what is due."""
        self.with_bot(partial(self._work, sends))

    async def _work(self, sends: bool, bot: Bot) -> None:
        updates = await bot.get_updates()
        for update in updates:
            await handle(bot, asyncio.Event(), update)
        if updates:
            await bot.get_updates(offset=updates[-1].update_id + 1)
        if sends:
            for message in await in_database(queries.due, timezone.now()):
                await send(bot, message, Pace())

    @property
    def screen(self) -> str:
        bubbles = [one for one in self.telegram.board.chat(self.person).bubbles if one.sender is None]
        return bubbles[-1].said.text if bubbles else ""


@pytest.fixture
def gemini(settings: Settings) -> Iterator[Running]:
    with running_gemini(flat_bytes=20_000) as running:
        settings.NPROXY_GEMINI_BASE_URL = running.base_url
        yield running


@pytest.fixture
def ann(telegram: RunningTelegram, with_bot: WithBot) -> Chat:
    """An operator."""
    return paired(telegram, with_bot, ANN, "Ann", "operator")


@pytest.fixture
def ben(telegram: RunningTelegram, with_bot: WithBot) -> Chat:
    """A viewer."""
    return paired(telegram, with_bot, BEN, "Ben", "viewer")


def paired(telegram: RunningTelegram, with_bot: WithBot, number: int, name: str, role: str) -> Chat:
    telegram.board.person(number).has_started = True
    telegram.board.burst = 1000  # a test taps faster than a person; the pace has its own
    admit(Visitor(number, name), role, SYSTEM, timezone.now())
    Message.objects.all().delete()
    return Chat(telegram, with_bot, number)


@pytest.fixture
def key() -> int:
    secret = "AQ.sandbox-ok-main-0123456789"
    return providers.add_key(
        provider="gemini", label="main 1", secret=secret, actor=SYSTEM, now=timezone.now()
    )


def test_a_stranger_gets_a_code_for_start_and_silence_for_everything_else(
    telegram: RunningTelegram, with_bot: WithBot, said: Said
) -> None:
    cleo = Chat(telegram, with_bot, CLEO)
    for line in ("hello", "/keys", "/start made-up-word-of-an-invitation"):
        cleo.say(line)
    assert cleo.tap("pool", forged=True) == "(nothing)"
    telegram.board.say(CLEO, "/start", in_group=True)
    cleo.work()
    (only,) = said(CLEO)
    code = code_for(Pairing.objects.get().pk, requests.secret())
    assert only.said.text.count(f"nproxy pair {code}") == 2
    assert telegram.board.chat(-1_004_200).bubbles[-1].sender is not None


def test_pairing_greets_by_itself_and_opens_the_menu(telegram: RunningTelegram, with_bot: WithBot) -> None:
    cleo = Chat(telegram, with_bot, CLEO)
    cleo.say("/start")
    code = re.findall(r"nproxy pair (\w{8})", cleo.screen)[0]
    telegram_room.pair(code=code, role="viewer", actor=SYSTEM, now=timezone.now())
    cleo.work()
    assert "You are in, Cleo." in cleo.screen
    cleo.tap("pool")
    assert cleo.screen.startswith("Keys")


def test_an_invitation_lets_its_bearer_in(telegram: RunningTelegram, with_bot: WithBot) -> None:
    word = telegram_room.invite(role="operator", actor=SYSTEM, now=timezone.now())
    cleo = Chat(telegram, with_bot, CLEO)
    cleo.say(f"/start {word}")
    assert "You are in, Cleo." in cleo.screen


def test_screens_change_in_place(ann: Chat, key: int, said: Said) -> None:
    ann.say("/start")
    for verb in ("pool", "key:", "pool", "home", "health", "home", "fails", "home", "pays", "home", "find"):
        ann.tap(verb)
    assert len(said()) == 1
    assert said()[0].edits == 11


def test_a_key_leaves_service_and_returns_by_two_taps_each_on_record_as_the_admin(
    ann: Chat, key: int
) -> None:
    ann.say("/keys")
    ann.tap("key:")
    ann.tap("ask:key.disable")
    assert "Take main 1 out of service?" in ann.screen
    assert pool.keys(timezone.now())[0].status == "active"
    assert ann.tap("do:") == "Disabled."
    assert pool.keys(timezone.now())[0].status == "disabled"
    ann.tap("ask:key.activate")
    assert ann.tap("do:") == "Returned to service."
    assert pool.keys(timezone.now())[0].status == "active"
    entries = audit.entries(target=("key", key), limit=2)
    assert [entry.action for entry in entries] == ["key.returned_to_service", "key.disabled"]
    assert {(entry.actor_kind, entry.actor_name) for entry in entries} == {("telegram", "@ann_ops")}


def test_a_second_tap_twice_late_or_after_a_change_does_nothing(ann: Chat, key: int) -> None:
    ann.say("/keys")
    ann.tap("key:")
    ann.tap("ask:key.disable")
    token = Question.objects.get().token
    assert ann.tap(f"do:{token}") == "Disabled."
    assert ann.tap(f"do:{token}", forged=True) == "That was answered already."
    assert ann.tap("do:made-up", forged=True) == "That was more than a minute ago. Ask again."
    ann.tap("ask:key.activate")
    providers.activate(key_id=key, reason="somebody else", actor=SYSTEM, now=timezone.now())
    assert ann.tap("do:") == "Things have changed meanwhile. Look again."
    Question.objects.update(expires_at=timezone.now())
    assert ann.tap("do:").startswith("That was more than a minute ago")


def test_a_viewer_looks_and_neither_acts_nor_answers_for_others(ann: Chat, ben: Chat, key: int) -> None:
    ben.say("/keys")
    ben.tap("key:")
    labels = [button["text"] for row in ben.telegram.board.chat(BEN).bubbles[-1].keyboard for button in row]
    assert labels == ["‹ Back", "↻ Refresh"]
    for forged in (f"ask:key.disable:{key}", f"test:{key}", "hush:1", "do:x"):
        assert ben.tap(forged, forged=True) == "You may look, not act."
    ann.say("/keys")
    ann.tap("key:")
    ann.tap("ask:key.disable")
    assert ben.tap(f"do:{Question.objects.get().token}", forged=True) == "You may look, not act."
    refused = [(each.after or {})["act"] for each in audit.entries() if each.action == "act.refused"]
    assert sorted(map(str, refused)) == ["ask", "do", "do", "hush", "test"]
    assert pool.keys(timezone.now())[0].status == "active"
    telegram_room.revoke(who=str(ANN), actor=SYSTEM, now=timezone.now())
    assert ann.tap("do:") == "(nothing)"
    assert pool.keys(timezone.now())[0].status == "active"


def test_a_key_is_tested_at_the_provider(ann: Chat, key: int, gemini: Running) -> None:
    ann.say("/keys")
    ann.tap("key:")
    ann.tap("test:")
    assert "It works" in ann.screen
    gemini.control.order("key_invalid")
    ann.tap("test:")
    assert "key rejected" in ann.screen
    assert "AQ." not in ann.screen


def test_a_balance_that_is_asked_for_is_shown_and_on_record(ann: Chat, settings: Settings) -> None:
    secret = "sk-or-v1-sandbox-ok-main-0123456789"
    router = providers.add_key(
        provider="openrouter", label="router", secret=secret, actor=SYSTEM, now=timezone.now()
    )
    with running_openrouter(flat_bytes=20_000) as running:
        settings.NPROXY_OPENROUTER_BASE_URL = running.base_url
        ann.say("/keys")
        ann.tap("key:")
        ann.tap("balance:")
    assert "🟢" in ann.screen
    entry = audit.entries(target=("key", router))[0]
    assert (entry.action, entry.actor_kind) == ("key.balance_asked", "telegram")


def test_a_person_is_found_extended_suspended_and_resumed(ann: Chat) -> None:
    user = User.objects.create_user("dora@example.com", "seven purple kettles")
    ann.say("dora@")
    ann.tap("user:")
    assert "Access: none" in ann.screen
    subscriptions.grant(user_id=user.pk, limit=80, reason="test", actor=SYSTEM, now=timezone.now())
    ends = access.subscription(user.pk, timezone.now()).ends_at
    ann.tap("user:")
    assert "0 used, 0 held, 80 of 80 left" in ann.screen
    ann.tap("ask:user.extend:" + f"{user.pk}-7")
    assert "Give dora@example.com 7 more days?" in ann.screen
    assert ann.tap("do:").startswith("Extended")
    later = access.subscription(user.pk, timezone.now()).ends_at
    assert ends is not None
    assert later is not None
    assert (later - ends).days == 7
    ann.tap("ask:user.suspend")
    assert ann.tap("do:").startswith("Suspended")
    assert access.subscription(user.pk, timezone.now()).state == "suspended"
    ann.tap("ask:user.resume")
    assert ann.tap("do:") == "Access is given back."
    actions = [entry.action for entry in audit.entries(target=("user", user.pk), limit=3)]
    assert actions == ["access.resumed", "access.suspended", "cycle.extended"]


def test_a_pause_is_looked_at_and_ended_from_its_alert(ann: Chat) -> None:
    now = timezone.now()
    user = User.objects.create_user("dora@example.com", "seven purple kettles")
    Pause.objects.create(user_id=user.pk, since=now, until=now + timedelta(hours=1), refusals=20)
    begun = now - timedelta(minutes=2)
    notifications.alert(kind="people.paused", text="Twenty of them.", subject=str(user.pk), now=begun)
    notifications.gather(now=now)
    telegram_room.tell_incidents(now=now)
    ann.work()
    ann.tap("fix:")
    assert "Let dora@example.com draw again at once?" in ann.screen
    ann.tap("user:")
    assert "Paused after refusals" in ann.screen
    ann.tap("ask:user.unpause")
    assert ann.tap("do:") == "They may draw again."
    assert "Paused" not in ann.screen
    assert drawing.paused_until(user.pk, timezone.now()) is None
    entry = audit.entries(target=("user", user.pk))[0]
    assert (entry.action, entry.actor_kind, entry.reason) == ("user.pause_ended", "telegram", deeds.REASON)
    incident = Incident.objects.get().pk
    ann.tap(f"more:{incident}", forged=True)
    assert ann.screen.startswith("dora@example.com")
    assert ann.tap(f"fix:{incident}", forged=True) == "There is nothing to do that to any more."


def test_an_update_that_comes_again_after_a_crash_is_not_handled_again(
    telegram: RunningTelegram, ann: Chat, key: int
) -> None:
    """The bot dies after its transaction and before it could confirm."""
    ann.say("/keys")
    ann.tap("key:")
    ann.tap("ask:key.disable")
    telegram.board.tap(ANN, telegram.board.chat(ANN).bubbles[-1].number, f"do:{Question.objects.get().token}")

    async def take_twice(bot: Bot) -> None:
        for _ in range(2):
            for update in await bot.get_updates():
                await handle(bot, asyncio.Event(), update)

    ann.with_bot(take_twice)
    assert [entry.action for entry in audit.entries(target=("key", key))].count("key.disabled") == 1
    ann.work()
    assert TakenUpdate.objects.count() == 4


@pytest.mark.parametrize("fault", ["internal", "bad_gateway", "reset"])
def test_a_message_that_did_not_arrive_is_sent_again(
    telegram: RunningTelegram, ann: Chat, said: Said, fault: str
) -> None:
    telegram.control.order(fault, key="sendmessage", times=1)
    telegram_room.write(chat_id=ANN, text="news", now=timezone.now())
    ann.work()
    assert queries.outbox().waiting == 1
    assert telegram.token not in queries.outbox().last_error
    Message.objects.update(due_at=timezone.now())
    ann.work()
    assert queries.outbox().waiting == 0
    assert {one.said.text for one in said()} == {"news"}


def test_telegram_is_left_alone_when_it_asks_for_it(telegram: RunningTelegram, ann: Chat, said: Said) -> None:
    telegram.control.order("too_many", key="sendmessage", times=1, seconds=7)
    before = timezone.now()
    telegram_room.write(chat_id=ANN, text="news", now=timezone.now())
    pace = Pace()

    async def use(bot: Bot) -> None:
        (message,) = await in_database(queries.due, timezone.now())
        await send(bot, message, pace)

    ann.with_bot(use)
    assert said() == []
    assert pace.silent_until is not None
    assert before < pace.silent_until - timedelta(seconds=7) <= timezone.now()
    assert queries.outbox().waiting == 1


def test_a_blocked_bot_marks_the_admin_and_writing_again_unmarks_them(
    telegram: RunningTelegram, ann: Chat
) -> None:
    telegram.board.block(ANN, blocked=True)
    telegram_room.write(chat_id=ANN, text="news", now=timezone.now())
    ann.work()
    assert queries.admins()[0].blocked_at is not None
    assert queries.outbox().given_up == 1
    ann.say("/start")
    assert queries.admins()[0].blocked_at is None


def test_a_screen_that_was_deleted_is_sent_anew(telegram: RunningTelegram, ann: Chat, said: Said) -> None:
    ann.say("/start")
    number = said()[0].number
    telegram.board.tap(ANN, number, "pool")
    ann.work(sends=False)
    telegram.board.chat(ANN).bubbles.clear()
    ann.work()
    ann.work()
    assert [one.said.text.splitlines()[0] for one in said()] == ["Keys"]


def test_the_bot_introduces_itself_and_removes_a_webhook(
    telegram: RunningTelegram, with_bot: WithBot
) -> None:
    telegram.board.webhook = "https://example.com/"

    async def use(bot: Bot) -> None:
        assert await introduce(bot) == "nproxy_sandbox_bot"

    with_bot(use)
    assert telegram.board.webhook == ""
    assert [each["command"] for each in telegram.board.commands] == ["start", "keys", "today", "health"]
