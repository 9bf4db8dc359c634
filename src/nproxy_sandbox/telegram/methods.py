"""The methods of the Bot API that a bot of ours needs, as the documentation has them.

https://core.telegram.org/bots/api
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nproxy_sandbox.telegram import faults
from nproxy_sandbox.telegram.chats import Chat, Keyboard, Switchboard
from nproxy_sandbox.telegram.faults import Refusal, Refused
from nproxy_sandbox.telegram.formatting import BadMarkup, Formatted, parsed, plain, units

BOT_ID = 4_200_000_001
USERNAME = "nproxy_sandbox_bot"
LONGEST_TEXT = 4096
LONGEST_DATA = 64
LONGEST_POLL = 50.0
LOOK_EVERY = 0.02
# https://core.telegram.org/bots/faq: about one a second in a chat, with short bursts; about 30 a second in all.
BURST_SECONDS = 5.0
IN_ALL_A_SECOND = 30

Parameters = Mapping[str, str]
Method = Callable[[Parameters], Awaitable[object]]


class Methods:
    """What the wire calls, over one switchboard. A method returns `result`, or raises Refused."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._poll: asyncio.Event | None = None
        self._sent: dict[int, deque[float]] = {}
        self._sent_in_all: deque[float] = deque()
        self.by_name: dict[str, Method] = {
            "getme": self.get_me,
            "getupdates": self.get_updates,
            "sendmessage": self.send_message,
            "editmessagetext": self.edit_message_text,
            "answercallbackquery": self.answer_callback_query,
            "setmycommands": self.set_my_commands,
            "setwebhook": self.set_webhook,
            "deletewebhook": self.delete_webhook,
        }

    async def get_me(self, _: Parameters) -> object:
        """Who the bot is."""
        return {
            "id": BOT_ID,
            "is_bot": True,
            "first_name": "nproxy (sandbox)",
            "username": USERNAME,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    async def get_updates(self, asked: Parameters) -> object:
        """Long poll: at once when something waits, else after `timeout` seconds. A newer one ends an older one."""
        if self._board.webhook:
            raise Refused(faults.WEBHOOK)
        if self._poll is not None:
            self._poll.set()
        ended = self._poll = asyncio.Event()
        give_up = time.monotonic() + min(float(asked.get("timeout") or 0), LONGEST_POLL)
        offset, limit = int(asked.get("offset") or 0), int(asked.get("limit") or 100)
        try:
            while not (found := self._board.waiting(offset, limit)) and time.monotonic() < give_up:
                await asyncio.sleep(LOOK_EVERY)
                if ended.is_set():
                    raise Refused(faults.CONFLICT)
                offset = max(offset, 0)
            return found
        finally:
            if self._poll is ended:
                self._poll = None

    async def send_message(self, asked: Parameters) -> object:
        """Into a private chat whose person has started the bot, or into the group."""
        chat = self._chat(asked)
        said, keyboard = _text(asked), _keyboard(asked)
        self._keep_the_pace(chat.id)
        bubble = self._board.post(chat, said, keyboard, sound=asked.get("disable_notification") != "true")
        return self._board.shown(chat, bubble)

    async def edit_message_text(self, asked: Parameters) -> object:
        """A message of the bot's own."""
        chat = self._chat(asked)
        bubble = chat.find(int(asked.get("message_id") or 0))
        if bubble is None or bubble.sender is not None:
            raise Refused(faults.NO_MESSAGE)
        said, keyboard = _text(asked), _keyboard(asked)
        if (said, list(keyboard)) == (bubble.said, list(bubble.keyboard)):
            raise Refused(faults.UNCHANGED)
        self._keep_the_pace(chat.id)
        self._board.change(chat, bubble, said, keyboard)
        return self._board.shown(chat, bubble)

    async def answer_callback_query(self, asked: Parameters) -> object:
        """Once for each tap."""
        if not self._board.answer(asked.get("callback_query_id", ""), asked.get("text", "")):
            raise Refused(faults.OLD_TAP)
        return True

    async def set_my_commands(self, asked: Parameters) -> object:
        """What the menu button offers."""
        self._board.commands = json.loads(asked.get("commands") or "[]")
        return True

    async def set_webhook(self, asked: Parameters) -> object:
        """Kept, not called: it stands in the way of polling."""
        self._board.webhook = asked.get("url", "")
        return True

    async def delete_webhook(self, asked: Parameters) -> object:
        """Polling is possible again."""
        self._board.webhook = ""
        if asked.get("drop_pending_updates") == "true":
            self._board.waiting(-1, 0)
            self._board.updates.clear()
        return True

    def _chat(self, asked: Parameters) -> Chat:
        try:
            number = int(asked.get("chat_id", ""))
        except ValueError:
            raise Refused(faults.NO_CHAT) from None
        if number < 0:
            return self._board.chat(number)
        if number not in self._board.people:
            raise Refused(faults.NO_CHAT)
        person = self._board.people[number]
        if person.has_blocked:
            raise Refused(faults.BLOCKED)
        if not person.has_started:
            raise Refused(faults.NOT_STARTED)
        return self._board.chat(number)

    def _keep_the_pace(self, chat_id: int) -> None:
        now = time.monotonic()
        own = self._sent.setdefault(chat_id, deque())
        for sent, seconds in ((own, BURST_SECONDS), (self._sent_in_all, 1.0)):
            while sent and now - sent[0] > seconds:
                sent.popleft()
        if len(own) > self._board.burst:
            raise Refused(faults.too_many(BURST_SECONDS - (now - own[0])))
        if len(self._sent_in_all) >= IN_ALL_A_SECOND:
            raise Refused(faults.too_many(1))
        own.append(now)
        self._sent_in_all.append(now)


def _text(asked: Parameters) -> Formatted:
    source = asked.get("text", "")
    if asked.get("parse_mode", "").upper() == "HTML":
        try:
            said = parsed(source)
        except BadMarkup as bad:
            raise Refused(Refusal(400, f"Bad Request: can't parse entities: {bad}")) from None
    else:
        said = plain(source)
        said.entities = []
    if not said.text.strip():
        raise Refused(faults.EMPTY)
    if units(said.text) > LONGEST_TEXT:
        raise Refused(faults.TOO_LONG)
    return said


def _keyboard(asked: Parameters) -> Keyboard:
    markup: dict[str, Any] = json.loads(asked.get("reply_markup") or "{}")
    rows: list[list[dict[str, str]]] = markup.get("inline_keyboard", [])
    for row in rows:
        for button in row:
            if not button.get("text") or len(button.get("callback_data", "x").encode()) not in range(
                1, LONGEST_DATA + 1
            ):
                raise Refused(faults.BAD_BUTTON)
    return rows
