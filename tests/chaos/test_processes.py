"""Real processes that die at any moment, under load: every picture comes or ends with a word, and the quota is exact."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.chaos.client import Client
from tests.journeys.stack import ROOT, Stack, eventually, lasting, running

from nproxy.kit.postgres import url

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")

SETTINGS = {
    "NPROXY_MAX_PENDING_PER_USER": "1000",
    "NPROXY_WORKER_CONCURRENCY": "8",
    "NPROXY_CONNECT_TIMEOUT": "5",
    "NPROXY_READ_TIMEOUT": "20",
    "NPROXY_READ_TIMEOUT_4K": "20",
}
DRAWING_SECONDS = 1.5
BATCH = 4
# A run that dies twice is silent for 45 s each time; then there is the rest of the line.
SETTLED_SECONDS = 300
SWEPT_SECONDS = 420

End = tuple[str, int, str]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running(**SETTINGS) as stack:
        stack.draw_in(DRAWING_SECONDS)
        yield stack


class Worker:
    """One more `nproxy worker` beside the demo's own."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.start()

    def start(self) -> None:
        self._log = self._stack.data_dir / "logs" / f"second-worker-{time.monotonic_ns()}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                lasting("worker", "--grace", "1"),
                cwd=ROOT,
                env=self._stack.environment | {"PYTHONFAULTHANDLER": "1"},
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """SIGTERM, once it is at work."""
        eventually(lambda: True if "Working" in self._log.read_text() else None, "second worker at work")
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(60)
        if self._process.returncode is None:
            # Its last words: where each task and each thread stands.
            self._process.send_signal(signal.SIGUSR1)
            time.sleep(2)
            self._process.send_signal(signal.SIGABRT)
            self._process.wait()
        # By itself: one that something held up is ended by force, with 1.
        assert self._process.returncode == 0, self._log.read_text()


@contextmanager
def second_worker(stack: Stack) -> Iterator[Worker]:
    worker = Worker(stack)
    try:
        yield worker
    finally:
        worker.kill()


def rows(stack: Stack, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    """What the database answers, once it is up."""

    def ask() -> list[tuple[Any, ...]] | None:
        try:
            with psycopg.connect(url(stack.data_dir)) as connection:
                return connection.execute(query, parameters).fetchall()
        except psycopg.OperationalError:
            return None

    return eventually(ask, "answer of the database")


def cut_all_connections(stack: Stack) -> None:
    """As an operator in a hurry does, several times."""
    for _ in range(20):
        rows(
            stack,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = current_user AND pid <> pg_backend_pid()",
        )
        time.sleep(0.1)


def kill_the_server(how: signal.Signals) -> Callable[[Stack], None]:
    def kill(stack: Stack) -> None:
        pid_file = stack.data_dir / "postgres" / "postmaster.pid"
        eventually(lambda: pid_file.exists() or None, "database server")
        os.kill(int(pid_file.read_text().split("\n", 1)[0]), how)

    return kill


def load(client: Client, count: int, meanwhile: Callable[[int], None]) -> list[UUID]:
    """Send `count` wishes in batches, about as fast as two workers draw them; `meanwhile` after each batch."""
    sent: list[UUID] = []
    for number in range(-(-count // BATCH)):
        sent += client.send(f"banana number {number}", BATCH)
        meanwhile(number)
        time.sleep(0.5)
    return sent


def settled(stack: Stack, ids: list[UUID]) -> dict[UUID, End]:
    """(status, crashes, error) of each generation, once none of them is open any more."""

    def look() -> dict[UUID, End] | None:
        found = rows(
            stack,
            "SELECT id, status, crashes, error_code FROM generations_generation WHERE id = ANY(%s)",
            ids,
        )
        ends = {row[0]: row[1:] for row in found}
        is_over = all(status not in ("queued", "running") for status, _, _ in ends.values())
        return ends if is_over else None

    return eventually(look, "end of all generations", SETTLED_SECONDS, pause=1)


def everything_adds_up(stack: Stack, person: str, ends: dict[UUID, End]) -> None:
    """The quota counts the pictures that came and holds nothing; no job of theirs is left in the queue."""
    succeeded = sum(status == "succeeded" for status, _, _ in ends.values())
    [(used, held)] = rows(
        stack,
        "SELECT quota.used, quota.held FROM quota_quota AS quota"
        " JOIN accounts_user AS person ON person.id = quota.user_id WHERE person.email = %s",
        person,
    )
    assert (used, held) == (succeeded, 0)
    assert "adds up" in stack.nproxy("ledger", "verify")
    stuck = rows(
        stack,
        "SELECT job.id FROM generations_generation AS generation"
        " JOIN procrastinate_jobs AS job ON job.id = generation.job_id"
        " WHERE job.status = 'todo' AND generation.id = ANY(%s)",
        list(ends),
    )
    assert stuck == []


def all_pictures_are_there(client: Client, ends: dict[UUID, End]) -> None:
    shown = client.generations()
    assert {UUID(generation["id"]) for generation in shown} == set(ends)
    for generation in shown:
        if generation["status"] == "succeeded":
            assert len(client.picture(generation["image"]["url"])) > 1000


def test_processes_killed_at_any_moment_lose_nothing(stack: Stack, scaled: Callable[[int], int]) -> None:
    person = stack.person("killed", limit=1000)
    client = Client(stack.site, person)
    random = Random(1)

    with second_worker(stack) as second:

        def strike(number: int) -> None:
            match number % 8:
                case 2:
                    time.sleep(random.random())
                    os.kill(stack.process("worker"), signal.SIGKILL)
                case 4:
                    os.kill(stack.process("web"), signal.SIGKILL)
                case 5:
                    second.kill()
                    second.start()
                case 7:
                    second.stop()
                    second.start()

        ids = load(client, scaled(300), strike)
        ends = settled(stack, ids)

    assert len(ends) == len(ids)
    for status, crashes, error in ends.values():
        # Given up only after the second worker in turn had died with it.
        assert status == "succeeded" or (status, crashes, error) == ("failed", 1, "internal")
    everything_adds_up(stack, person.email, ends)
    all_pictures_are_there(client, ends)
    # An attempt is open only where a worker was killed in the middle of it.
    open_attempts = rows(
        stack,
        "SELECT generation.crashes FROM providers_attempt AS attempt"
        " JOIN generations_generation AS generation ON generation.id = attempt.work"
        " WHERE attempt.finished_at IS NULL AND generation.id = ANY(%s)",
        ids,
    )
    assert all(crashes for (crashes,) in open_attempts), open_attempts


def test_a_database_that_dies_under_load_loses_nothing(stack: Stack, scaled: Callable[[int], int]) -> None:
    person = stack.person("restarted", limit=1000)
    client = Client(stack.site, person)
    deaths = [cut_all_connections, kill_the_server(signal.SIGQUIT), kill_the_server(signal.SIGKILL)]

    def strike(number: int) -> None:
        if number % 3 == 1:
            deaths[number // 3 % len(deaths)](stack)

    ids = load(client, scaled(300), strike)
    ends = settled(stack, ids)
    assert len(ends) == len(set(ids)) == len(ids)
    # What was being drawn is kept: its worker lives, and waits for the database.
    assert {status for status, _, _ in ends.values()} == {"succeeded"}
    everything_adds_up(stack, person.email, ends)
    all_pictures_are_there(client, ends)


def test_the_sweeps_leave_nothing_behind(stack: Stack, pytestconfig: pytest.Config) -> None:
    """The last of this module: what the others broke is tidied up by the clock."""
    if not pytestconfig.getoption("--full"):
        pytest.skip("takes minutes: make chaos")

    def tidy() -> bool | None:
        [(attempts,)] = rows(stack, "SELECT count(*) FROM providers_attempt WHERE finished_at IS NULL")
        [(jobs,)] = rows(
            stack,
            "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'generations'"
            " AND status IN ('todo', 'doing')",
        )
        return True if attempts == jobs == 0 else None

    eventually(tidy, "tidy tables", SWEPT_SECONDS, pause=5)
