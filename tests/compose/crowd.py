"""People who draw while something breaks, and what must be true of their pictures afterwards."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from tests.chaos.client import Client
from tests.compose.stack import ComposeStack
from tests.journeys.stack import eventually

SETTLED_SECONDS = 240


class Crowd:
    """Some people with a cycle each. They ask again when an answer fails to come, as the page does."""

    def __init__(self, stack: ComposeStack, people: int, limit: int = 400) -> None:
        self.stack = stack
        self.logins = stack.people(people, limit=limit)
        self.clients: list[Client] = [stack.client(login) for login in self.logins]
        self.sent: list[UUID] = []
        self.troubles: list[BaseException] = []
        self._lock = threading.Lock()

    def sends(self, turns: int, images: int = 1) -> None:
        """Everybody sends so many turns, all at once."""
        threads = [
            threading.Thread(target=self._send, args=(client, turns, images)) for client in self.clients
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @contextmanager
    def sending(self, turns: int, images: int = 1) -> Iterator[None]:
        """`sends` while the block runs."""
        sending = threading.Thread(target=self.sends, args=(turns, images))
        sending.start()
        yield
        sending.join()

    def _send(self, client: Client, turns: int, images: int) -> None:
        for number in range(turns):
            try:
                made = client.send(f"banana number {number}", images)
            except BaseException as trouble:  # noqa: BLE001 - told by `all_has_come_well`
                self.troubles.append(trouble)
                return
            with self._lock:
                self.sent += made

    def all_has_come_well(self) -> None:
        """Every picture that was promised is there, once, with its bytes, and every quota says so to the one."""
        if self.troubles:
            raise AssertionError(f"not sent: {self.troubles}")
        assert len(set(self.sent)) == len(self.sent)
        states = eventually(self._settled, "an end of every generation", SETTLED_SECONDS)
        assert states == Counter({"succeeded": len(self.sent)})
        self.stack.nproxy("ledger", "verify")
        assert self.number("SELECT sum(used) FROM quota_quota WHERE user_id IN (%s)") == len(self.sent)
        assert self.number("SELECT coalesce(sum(held), 0) FROM quota_quota WHERE user_id IN (%s)") == 0
        for client in self.clients:
            for generation in client.generations()[:2]:
                assert client.picture(generation["image"]["url"])[:4] in {
                    b"\x89PNG",
                    b"\xff\xd8\xff\xe0",
                    b"RIFF",
                }

    def is_served(self) -> bool:
        """Whether a worker draws for them right now."""
        running = "SELECT count(*) FROM generations_generation WHERE status = 'running' AND user_id IN (%s)"
        return self.number(running) > 0

    def number(self, question: str) -> int:
        """The database's answer; %s stands for these people."""
        people = ",".join(f"'{login.email}'" for login in self.logins)
        return int(self.stack.sql(question % f"SELECT id FROM accounts_user WHERE email IN ({people})"))

    def _settled(self) -> Counter[str] | None:
        states = Counter(
            generation["status"] for client in self.clients for generation in client.generations()
        )
        return states if not states.keys() & {"queued", "running"} else None


def crashes(stack: ComposeStack) -> int:
    """How often a worker was counted as crashed, in all."""
    return int(stack.sql("SELECT coalesce(sum(crashes), 0) FROM generations_generation"))


def every(seconds: float, deed: Callable[[], None], stop: threading.Event) -> threading.Thread:
    """`deed` again and again in a thread of its own, until `stop`."""

    def run() -> None:
        while not stop.wait(seconds):
            deed()

    thread = threading.Thread(target=run)
    thread.start()
    return thread
