"""Callbacks on their way: when they leave, how often, in which order, and what the receiver said."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from itertools import count

import aiohttp
from yarl import URL

from nproxy_sandbox.nowpayments.clock import Clock
from nproxy_sandbox.nowpayments.forms import CAPTURED, SIGNATURE_HEADER

# The receiver has three seconds; then, as the dashboard is set, three more tries a minute apart.
PATIENCE_SECONDS = 3.0
TRIES = 4
AGAIN = timedelta(minutes=1)
LETTERS_KEPT = 5000
# Held back together and then sent backwards.
REORDERED = timedelta(seconds=10)


@dataclass(frozen=True)
class Manners:
    """How callbacks are sent: so many seconds late, so many copies, the last first, the next `lost` not at all.

    They go to `via` (host:port) when the receiver's name leads nowhere from here; `authority` (PEM) is who vouches for
    it when nobody else does.
    """

    delay: float = 0.0
    copies: int = 1
    backwards: bool = False
    lost: int = 0
    form: str = CAPTURED
    via: str = ""
    authority: str = field(default="", repr=False)


@dataclass(eq=False)
class Letter:
    """One callback. `answers` has what each try ended in: a status, or why there was none."""

    number: int
    payment: int
    status: str
    form: str
    url: str
    body: bytes = field(repr=False)
    signature: str = field(repr=False)
    due_at: datetime | None
    written_at: datetime
    is_out: bool = False
    is_lost: bool = False
    answers: list[str] = field(default_factory=list)

    @property
    def is_settled(self) -> bool:
        """Nothing more happens to it."""
        return self.due_at is None and not self.is_out


class Post:
    """The letters. Not safe to use from several threads at once: `Till` sees to that."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.manners = Manners()
        self._letters: deque[Letter] = deque(maxlen=LETTERS_KEPT)
        self._to_send: list[Letter] = []
        self._out: list[Letter] = []
        self._numbers = count(1)

    def drop_in(self, letter: Letter, now: datetime) -> None:
        """Take `letter` as the manners want it: late, several times, out of order, or lost."""
        if self.manners.lost:
            self.manners = replace(self.manners, lost=self.manners.lost - 1)
            self._keep(replace(letter, due_at=None, is_lost=True))
            return
        due_at = now + self._clock.hurried(timedelta(seconds=self.manners.delay))
        if self.manners.backwards:
            due_at = self._before_the_others(now)
        for _ in range(self.manners.copies):
            self._keep(replace(letter, due_at=due_at, answers=[]))

    def _keep(self, letter: Letter) -> None:
        letter.number = next(self._numbers)
        self._letters.append(letter)
        if letter.due_at:
            self._to_send.append(letter)

    def _before_the_others(self, now: datetime) -> datetime:
        held_back = [letter.due_at for letter in self._to_send if letter.due_at and not letter.answers]
        return min(held_back, default=now + self._clock.hurried(REORDERED)) - timedelta(milliseconds=1)

    def take_due(self, now: datetime) -> list[Letter]:
        """The letters to be sent now, in their order: they are out until `returned`."""
        due = sorted(
            (letter for letter in self._to_send if letter.due_at and letter.due_at <= now),
            key=lambda letter: letter.due_at or now,
        )
        self._out += due
        for letter in due:
            letter.is_out = True
            self._to_send.remove(letter)
        return due

    def returned(self, letter: Letter, answer: str, now: datetime) -> None:
        """Note what a try ended in; after anything but a 2xx it is tried again, a few times."""
        if letter not in self._out:  # it left before a reset
            return
        self._out.remove(letter)
        letter.is_out = False
        letter.answers.append(answer)
        is_fine = answer.isdigit() and HTTPStatus.OK <= int(answer) < HTTPStatus.MULTIPLE_CHOICES
        letter.due_at = None if is_fine or len(letter.answers) >= TRIES else now + self._clock.hurried(AGAIN)
        if letter.due_at:
            self._to_send.append(letter)

    def is_quiet(self, now: datetime) -> bool:
        """Whether nothing is out and nothing is due."""
        return not self._out and not any(letter.due_at and letter.due_at <= now for letter in self._to_send)

    def letters(self) -> list[Letter]:
        """All that are remembered, oldest first."""
        return list(self._letters)


async def carry(session: aiohttp.ClientSession, letter: Letter, manners: Manners) -> str:
    """One try: the status of the answer, or why there is none."""
    headers = {"Content-Type": "application/json", "User-Agent": "NOWPayments v1.0"}
    if letter.signature:
        headers[SIGNATURE_HEADER] = letter.signature
    try:
        address = URL(letter.url)
        headers["Host"] = address.authority
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = await session.post(
                _led(address, manners.via),
                data=letter.body,
                headers=headers,
                allow_redirects=False,
                server_hostname=address.host,
                ssl=_trust(manners.authority),
            )
            answer.release()
            return str(answer.status)
    except TimeoutError:
        return f"no answer in {PATIENCE_SECONDS:.0f} s"
    except (aiohttp.ClientError, ValueError) as error:
        return type(error).__name__


def _led(address: URL, via: str) -> URL:
    """The same door under the name that is known here."""
    if not via:
        return address
    other = URL.build(scheme=address.scheme, authority=via)
    return address.with_host(other.host or "").with_port(other.port)


@cache
def _trust(authority: str) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority or None)
