"""The people, their chats with the bot, and the updates that wait for it. Safe to use from several threads."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import RLock

from nproxy_sandbox.telegram.formatting import Formatted, plain

Button = Mapping[str, str]
Keyboard = Sequence[Sequence[Button]]

GROUP = -1_004_200
BURST = 5
GROUP_TITLE = "Everybody"
CAST = (("Ann", "ann_ops"), ("Ben", "ben"), ("Cleo", ""), ("Dora", "dora"), ("Emil", "emil"))


class UnknownPerson(Exception):
    """Nobody has this number."""


class UnknownButton(Exception):
    """No such button is under that message (any more)."""


@dataclass
class Person:
    """Somebody with a phone. The bot may write to who has started it and has not blocked it."""

    id: int
    name: str
    username: str = ""
    has_started: bool = False
    has_blocked: bool = False
    # What the last tap was answered with, shown for a moment at the top of the screen.
    toast: str = ""

    def card(self) -> dict[str, object]:
        """As updates show them."""
        card: dict[str, object] = {
            "id": self.id,
            "is_bot": False,
            "first_name": self.name,
            "language_code": "en",
        }
        return card | ({"username": self.username} if self.username else {})


@dataclass
class Bubble:
    """A message in a chat; `sender` is None for the bot's."""

    number: int
    sender: Person | None
    said: Formatted
    sent_at: float
    keyboard: Keyboard = ()
    edited_at: float | None = None
    edits: int = 0
    sound: bool = True


@dataclass
class Chat:
    """One conversation. `revision` grows with each change of what a phone shows."""

    id: int
    bubbles: list[Bubble] = field(default_factory=list)
    revision: int = 0

    def find(self, number: int) -> Bubble | None:
        return next((each for each in self.bubbles if each.number == number), None)


class Switchboard:
    """All of it. With a `memory` it is known after a restart who is there and has started the bot."""

    def __init__(self, memory: Path | None = None) -> None:
        self.lock = RLock()
        self._memory = memory
        # Numbers grow from start to start, as Telegram's do: no program may meet one twice.
        self._next_update = int(time.time() * 10)
        self._next_number = int(time.time()) % 10**9
        self._next_tap = int(time.time() * 1000)
        self.reset()
        self._remember()

    def reset(self) -> None:
        """Everybody anew, and nobody has said anything."""
        with self.lock:
            self.people = {7001 + place: Person(7001 + place, *who) for place, who in enumerate(CAST)}
            self.chats: dict[int, Chat] = {}
            self.updates: list[dict[str, object]] = []
            self.taps: dict[str, Person] = {}
            self.answers: dict[str, str] = {}
            self.commands: list[dict[str, str]] = []
            self.webhook = ""
            # How many messages a chat takes within five seconds: one a second, with short bursts.
            self.burst = BURST

    def _remember(self) -> None:
        if self._memory is not None and self._memory.exists():
            for each in json.loads(self._memory.read_text("utf-8")):
                self.people[each["id"]] = Person(**each)

    def keep(self) -> None:
        """Write down who is there, and whom the bot may write to."""
        if self._memory is None:
            return
        with self.lock:
            everybody = [asdict(one) | {"toast": ""} for one in self.people.values()]
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            written = self._memory.with_suffix(".new")
            written.write_text(json.dumps(everybody), "utf-8")
            written.replace(self._memory)

    def person(self, number: int) -> Person:
        """Raises UnknownPerson."""
        with self.lock:
            if number not in self.people:
                raise UnknownPerson(number)
            return self.people[number]

    def arrive(self, name: str, username: str = "") -> Person:
        """Somebody new with a phone."""
        with self.lock:
            newcomer = Person(max(self.people) + 1, name, username.removeprefix("@"))
            self.people[newcomer.id] = newcomer
            self.keep()
            return newcomer

    def chat(self, number: int) -> Chat:
        """The chat with this number: a person's own one with the bot, or the group."""
        with self.lock:
            return self.chats.setdefault(number, Chat(number))

    def block(self, number: int, *, blocked: bool) -> None:
        """A person blocks the bot, or takes that back. Raises UnknownPerson."""
        self.person(number).has_blocked = blocked
        self.keep()

    def say(self, number: int, text: str, *, in_group: bool = False) -> Bubble:
        """A person writes. Raises UnknownPerson."""
        with self.lock:
            person = self.person(number)
            person.toast = ""
            if not in_group:
                person.has_started, person.has_blocked = True, False
                self.keep()
            chat = self.chat(GROUP if in_group else number)
            bubble = self._add(chat, person, plain(text))
            self._tell(message=self.shown(chat, bubble))
            return bubble

    def tap(self, number: int, message: int, data: str, *, forged: bool = False) -> str:
        """A person taps a button; the id of the tap. Raises UnknownPerson, UnknownButton.

        `forged`: nobody looks whether there is such a button, as with a client of one's own making.
        """
        with self.lock:
            person, chat = self.person(number), self.chat(number)
            person.toast = ""
            bubble = chat.find(message)
            there = (
                {button.get("callback_data") for row in bubble.keyboard for button in row}
                if bubble
                else set()
            )
            if data not in there and not forged:
                raise UnknownButton(data)
            tap = str(self._next_tap)
            self._next_tap += 1
            self.taps[tap] = person
            query: dict[str, object] = {
                "id": tap,
                "from": person.card(),
                "chat_instance": str(number),
                "data": data,
            }
            self._tell(callback_query=query | ({"message": self.shown(chat, bubble)} if bubble else {}))
            return tap

    def post(self, chat: Chat, said: Formatted, keyboard: Keyboard, *, sound: bool = True) -> Bubble:
        """The bot writes."""
        with self.lock:
            bubble = self._add(chat, None, said)
            bubble.keyboard, bubble.sound = keyboard, sound
            return bubble

    def change(self, chat: Chat, bubble: Bubble, said: Formatted, keyboard: Keyboard) -> None:
        """The bot edits."""
        with self.lock:
            bubble.said, bubble.keyboard, bubble.edited_at = said, keyboard, time.time()
            bubble.edits += 1
            chat.revision += 1

    def answer(self, tap: str, text: str) -> bool:
        """The bot answers a tap, once. False for one that is unknown or answered already."""
        with self.lock:
            person = self.taps.pop(tap, None)
            if person is None:
                return False
            self.answers[tap] = person.toast = text
            self.chat(person.id).revision += 1
            return True

    def waiting(self, offset: int, limit: int) -> list[dict[str, object]]:
        """Updates from `offset` on; those before it are confirmed, and gone. A negative one counts from the end."""
        with self.lock:
            if offset < 0:
                del self.updates[:offset]
            elif offset:
                self.updates = [each for each in self.updates if int(str(each["update_id"])) >= offset]
            return self.updates[:limit]

    def shown(self, chat: Chat, bubble: Bubble) -> dict[str, object]:
        """A message as the wire shows it."""
        place: dict[str, object] = {"id": chat.id, "type": "private"}
        if chat.id == GROUP:
            place |= {"type": "supergroup", "title": GROUP_TITLE}
        else:
            place |= {"first_name": self.people[chat.id].name}
        message: dict[str, object] = {
            "message_id": bubble.number,
            "date": int(bubble.sent_at),
            "chat": place,
            "text": bubble.said.text,
        }
        if bubble.sender is not None:
            message["from"] = bubble.sender.card()
        if bubble.said.entities:
            message["entities"] = bubble.said.entities
        if bubble.edited_at is not None:
            message["edit_date"] = int(bubble.edited_at)
        if bubble.keyboard:
            message["reply_markup"] = {"inline_keyboard": bubble.keyboard}
        return message

    def _add(self, chat: Chat, sender: Person | None, said: Formatted) -> Bubble:
        bubble = Bubble(self._next_number, sender, said, time.time())
        self._next_number += 1
        chat.bubbles.append(bubble)
        chat.revision += 1
        return bubble

    def _tell(self, **what: object) -> None:
        self.updates.append({"update_id": self._next_update, **what})
        self._next_update += 1
