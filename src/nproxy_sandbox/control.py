"""What one running stand-in is told to do, and what it has seen.

Trouble is chosen in this order: words in the prompt (`[fault:NAME]`), a standing order for this very key,
a standing order for all keys (`*`), and the key's own text (`AQ.sandbox-NAME-…`).
"""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from threading import Lock

EVERY_KEY = "*"
# In a key or an order: nothing goes wrong, whatever else was asked for.
OK = "ok"
CALLS_KEPT = 1000
PICTURES_KEPT = 12

_IN_KEY = re.compile(r"sandbox-(?P<words>\w+(?:-[\w.]+)*)")
_IN_PROMPT = re.compile(r"\[fault:\s*(?P<name>\w+)(?:\s+(?P<seconds>\d+(?:\.\d+)?)s)?\s*\]")
_RATE = re.compile(r"flaky(\d{1,3})$")
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s$")


class UnknownFault(Exception):
    """A fault was asked for that this stand-in does not know."""


@dataclass(frozen=True)
class Trouble:
    """A fault by name, "" for none. `rate` is the share of calls it meets, in percent."""

    fault: str = ""
    rate: int = 100
    seconds: float | None = None


@dataclass
class Call:
    """One call as it was seen; `status` stays None when the caller gave up first.

    Of the secret only the tail is kept, of the prompt a digest and its beginning.
    """

    number: int
    at: str
    operation: str
    key_tail: str
    model: str = ""
    prompt_digest: str = ""
    prompt_start: str = ""
    sources: int = 0
    user: str = ""
    fault: str | None = None
    status: int | None = None
    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    received: int = 0
    sent: int = 0


class Control:
    """Orders and memory of one stand-in. Safe to use from another thread than the server's."""

    def __init__(
        self, faults: Collection[str], latency: float = 0.0, default_flaky: str = "internal"
    ) -> None:
        self._names = {name.lower(): name for name in faults}
        self._default_flaky = default_flaky
        self._default_latency = latency
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        """Back to the state of the start: no standing orders, no memory, the latency of the command line."""
        with self._lock:
            self.latency = self._default_latency
            self._orders: dict[str, tuple[Trouble, int | None]] = {}
            self._turns: dict[str, int] = {}
            self._takes: dict[str, int] = {}
            self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)
            self._pictures: deque[tuple[int, str, bytes]] = deque(maxlen=PICTURES_KEPT)
            self._seen = 0
            self.trap_visits = 0

    def order(
        self,
        fault: str | None,
        key: str = EVERY_KEY,
        times: int | None = None,
        seconds: float | None = None,
        rate: int = 100,
    ) -> None:
        """From now on `key` meets `fault`, `times` times or until told otherwise; None takes the order back.

        The fault `ok` overrules what the key's own text says. Raises UnknownFault.
        """
        with self._lock:
            self._orders.pop(key, None)
            if fault is not None:
                self._orders[key] = (Trouble(self.known(fault), rate, seconds), times)

    def orders(self) -> list[dict[str, object]]:
        """The standing orders, for people and scripts."""
        with self._lock:
            return [
                {"key": key, **asdict(trouble), "times": times}
                for key, (trouble, times) in self._orders.items()
            ]

    def known(self, name: str) -> str:
        """The fault's name as its table spells it. Raises UnknownFault."""
        if name.lower() == OK:
            return ""
        try:
            return self._names[name.lower()]
        except KeyError:
            raise UnknownFault(name) from None

    def trouble(self, key: str, prompt: str = "", among: Collection[str] | None = None) -> Trouble:
        """The trouble that this call meets, of one `among` these; one use of it is spent.

        Raises UnknownFault where the key's own text names one that does not exist.
        """
        with self._lock:
            place, found = self._wanted(key, prompt)
            if (among is not None and found.fault not in among) or not self._strikes(found, key):
                return Trouble()
            self._spend(place)
            return found

    def _wanted(self, key: str, prompt: str) -> tuple[str, Trouble]:
        """What is wanted of this call, and the place of the standing order that wants it, if one does."""
        if wanted := self._wanted_by_prompt(prompt):
            return "", wanted
        for place in (key, EVERY_KEY):
            if place in self._orders:
                return place, self._orders[place][0]
        return "", self._wanted_by_key(key) or Trouble()

    def _wanted_by_prompt(self, prompt: str) -> Trouble | None:
        match = _IN_PROMPT.search(prompt)
        # A slip of somebody who plays is drawn like any other words: no key should suffer for it.
        if match is None or match["name"].lower() not in {OK, *self._names}:
            return None
        seconds = float(match["seconds"]) if match["seconds"] else None
        return Trouble(self.known(match["name"]), seconds=seconds)

    def _spend(self, place: str) -> None:
        trouble, times = self._orders.get(place, (None, None))
        if trouble is None or times is None:
            return
        if times > 1:
            self._orders[place] = (trouble, times - 1)
        else:
            del self._orders[place]

    def _wanted_by_key(self, key: str) -> Trouble | None:
        match = _IN_KEY.search(key)
        if match is None:
            return None
        name, *details = match["words"].split("-")
        if _RATE.match(name):
            name, details = self._default_flaky, [name, *details]
        trouble = Trouble(self.known(name))
        for detail in details:
            if rate := _RATE.match(detail):
                trouble = replace(trouble, rate=int(rate[1]))
            elif seconds := _SECONDS.match(detail):
                trouble = replace(trouble, seconds=float(seconds[1]))
        return trouble

    def _strikes(self, trouble: Trouble, key: str) -> bool:
        """A rate is met by a fixed pattern per key, not by chance: a run can be repeated."""
        if trouble.rate >= 100:
            return True
        turn = self._turns[key] = self._turns.get(key, 0) + 1
        return zlib.crc32(f"{key}:{turn}".encode()) % 100 < trouble.rate

    def take(self, prompt: str) -> int:
        """How many times this prompt was drawn before: a prompt's first picture is its take 0."""
        with self._lock:
            number = self._takes.get(prompt, 0)
            self._takes[prompt] = number + 1
            return number

    def seen(self, at: str, operation: str, key: str) -> Call:
        """Note a call; the server fills in the rest as it learns it."""
        with self._lock:
            self._seen += 1
            call = Call(self._seen, at, operation, key[-4:])
            self._calls.append(call)
            return call

    def calls(self) -> list[Call]:
        """The calls seen, oldest first."""
        with self._lock:
            return list(self._calls)

    def keep_picture(self, call: Call, media_type: str, picture: bytes) -> None:
        """Remember a picture for the page that people look at."""
        with self._lock:
            self._pictures.append((call.number, media_type, picture))

    def sprung(self) -> None:
        """Someone fetched an address that stood in an answer."""
        self.trap_visits += 1

    def pictures(self) -> dict[int, tuple[str, bytes]]:
        """The last pictures by the number of their call: media type and bytes."""
        with self._lock:
            return {number: (media_type, picture) for number, media_type, picture in self._pictures}


def digest(prompt: str) -> str:
    """What stands for a prompt in the log: the first 16 hex digits of its SHA-256."""
    return sha256(prompt.encode()).hexdigest()[:16]


def without_orders(prompt: str) -> str:
    """The prompt as it is drawn: without the words that ask for trouble."""
    return _IN_PROMPT.sub("", prompt).strip()
