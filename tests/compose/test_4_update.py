"""An update, more of each, and a bucket: with work in flight."""

from __future__ import annotations

import threading
import time
from typing import Self

from tests.adapters.store import swift
from tests.compose.asking import PATIENCE
from tests.compose.crowd import Crowd, crashes, every
from tests.compose.stack import ComposeStack
from tests.journeys.stack import eventually

OURS = ("migrate", "web", "worker", "bot", "caddy")
IN_FLIGHT = 200
OVERLONG = 75.0
AWAY_SECONDS = 8


def test_an_update_with_200_pictures_in_flight_loses_none_and_nobody_sees_an_error(
    stack: ComposeStack,
) -> None:
    crowd = Crowd(stack, people=IN_FLIGHT // 8)
    crashed_before = crashes(stack)
    stack.draw_in(OVERLONG)
    crowd.sends(turns=2, images=4)
    running = "SELECT count(*) FROM generations_generation WHERE status = 'running' AND user_id IN (%s)"
    eventually(lambda: crowd.number(running) == IN_FLIGHT or None, "200 pictures in flight")

    old = {service: stack.containers(service) for service in ("web", "worker", "bot", "caddy")}
    with Onlookers(stack) as onlookers:
        # What docs/operations.md has. The argument stands for other sources; who updates has no sandbox to build.
        stack.compose("build", "--build-arg", "VERSION=9.9.9", *OURS, seconds=900)
        stack.compose("up", "-d")
        stack.has_come_back("web")
    stack.draw_in(0.3)

    new = {service: stack.containers(service) for service in old}
    assert {service for service in old if old[service] == new[service]} == {"caddy"}
    assert onlookers.troubles == []
    assert onlookers.were_heard_once()
    crowd.all_has_come_well()
    assert crashes(stack) == crashed_before

    stack.nproxy("update", *OURS, seconds=900)
    stack.has_come_back("web")


class Onlookers:
    """One reads a page, one begins conversations, each asked for once: whatever is not an answer is a trouble."""

    def __init__(self, stack: ComposeStack) -> None:
        [self._login] = stack.people(1, limit=1)
        self._stack, self._stop = stack, threading.Event()
        self._client = stack.client(self._login, timeout=PATIENCE)
        self.begun = 1  # by the client, when it came
        self.troubles: list[Exception] = []

    def __enter__(self) -> Self:
        self._threads = [every(0.5, deed, self._stop) for deed in (self._reads, self._begins)]
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def were_heard_once(self) -> bool:
        """Nothing that was sent arrived twice."""
        of_theirs = f"(SELECT id FROM accounts_user WHERE email = '{self._login.email}')"
        told = f"SELECT count(*) FROM conversations_conversation WHERE user_id = {of_theirs}"
        return self._stack.sql(told) == str(self.begun)

    def _reads(self) -> None:
        try:
            if (status := self._stack.door.ask("/accounts/login/").status) != 200:
                self.troubles.append(AssertionError(f"a page: {status}"))
        except Exception as trouble:  # noqa: BLE001 - told by the test
            self.troubles.append(trouble)

    def _begins(self) -> None:
        try:
            self._client.begin()
            self.begun += 1
        except Exception as trouble:  # noqa: BLE001 - told by the test
            self.troubles.append(trouble)


def test_three_of_each_share_the_work(stack: ComposeStack) -> None:
    stack.compose("up", "--detach", "--no-recreate", "--scale", "web=3", "--scale", "worker=3", seconds=300)
    for service in ("web", "worker"):
        stack.has_come_back(service)
        assert len(stack.containers(service)) == 3
    stack.draw_in(0.5)
    crowd = Crowd(stack, people=6)
    crowd.sends(turns=4, images=2)
    crowd.all_has_come_well()
    twice = "SELECT count(*) FROM (SELECT task_name, defer_timestamp FROM procrastinate_periodic_defers GROUP BY 1, 2 HAVING count(*) > 1) t"
    assert stack.sql(twice) == "0"
    served = [_pages_served(stack, number) for number in (1, 2, 3)]
    assert min(served) > 0
    stack.compose("up", "--detach", "--no-recreate", "--scale", "web=1", "--scale", "worker=1")


def _pages_served(stack: ComposeStack, number: int) -> int:
    """How many connections that web has taken since its start, by the kernel's count of its network."""
    told = stack.compose("exec", "-T", "--index", str(number), "web", "cat", "/proc/net/snmp")
    names, values = (line.split() for line in told.splitlines() if line.startswith("Tcp:"))
    return int(values[names.index("PassiveOpens")])


def test_a_bucket_that_goes_away_for_a_while_loses_no_picture(stack: ComposeStack) -> None:
    with swift.running(bind="0.0.0.0") as bucket:
        bucket.make_bucket("pictures")
        stack.set(
            NPROXY_STORAGE_URL="s3://pictures",
            NPROXY_S3_ENDPOINT=f"http://beside:{bucket.port}",
            NPROXY_S3_ACCESS_KEY=swift.ACCESS_KEY,
            NPROXY_S3_SECRET_KEY=swift.SECRET_KEY,
        )
        stack.draw_in(2)
        crowd = Crowd(stack, people=3)
        with crowd.sending(turns=4, images=2):
            eventually(lambda: crowd.is_served() or None, "pictures under way")
            bucket.stop()
            time.sleep(AWAY_SECONDS)
            bucket.go_on()
        crowd.all_has_come_well()
