"""The bot as a process: killed at any moment, two at once, told to stop, without a token. Nothing is lost or done twice."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.journeys.stack import ROOT, TETHER, eventually

from nproxy.kit import postgres
from nproxy_sandbox.telegram.chats import UnknownButton
from nproxy_sandbox.testing import RunningTelegram, running_telegram

IN_A_HURRY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
ANN = 7001
SPEAKING = "bot.speaking"
PATIENCE = 180
# The last of the buttons that lengthen access.
DAYS = 30
EMAIL = "dora@example.com"


@dataclass(frozen=True)
class Stage:
    """A database of its own, a Telegram, and a paired operator."""

    environment: dict[str, str]
    data_dir: Path
    telegram: RunningTelegram

    def nproxy(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "nproxy.cli", *arguments],
            cwd=ROOT, env=self.environment, input=stdin, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def value(self, query: str) -> Any:
        with psycopg.connect(postgres.url(self.data_dir)) as database:
            row = database.execute(query).fetchone()
            return row[0] if row else None

    @contextmanager
    def bot(self, name: str, **settings: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        """A bot process and its log; killed at the end if it still runs."""
        log = self.data_dir / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*TETHER, str(os.getpid()), sys.executable, "-m", "nproxy.cli", "bot"],
                cwd=ROOT, env=self.environment | settings, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            yield process, log
        finally:
            process.kill()
            process.wait()


def says(log: Path, words: str) -> None:
    eventually(lambda: True if words in log.read_text() else None, f"{words!r} in {log}", PATIENCE)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    data_dir = Path(tempfile.mkdtemp(prefix="nproxy-bot-"))
    with ExitStack() as closing:
        closing.callback(shutil.rmtree, data_dir, ignore_errors=True)
        telegram = closing.enter_context(running_telegram())
        closing.enter_context(postgres.serving(data_dir, options=IN_A_HURRY))
        outside = {name: value for name, value in os.environ.items() if not name.startswith("NPROXY_")}
        stage = Stage(
            outside
            | {
                "NPROXY_DATA_DIR": str(data_dir),
                "NPROXY_ENV_FILE": "",
                "NPROXY_TELEGRAM_API_URL": telegram.base_url,
                "NPROXY_TELEGRAM_TOKEN": telegram.token,
                "PYTHONUNBUFFERED": "1",
            },
            data_dir,
            telegram,
        )
        stage.nproxy("migrate")
        stage.nproxy("users", "create", EMAIL, "--verified", "--password-stdin", stdin="seven purple kettles")
        stage.nproxy("cycles", "grant", EMAIL, "--limit", "80", "--reason", "test")
        yield stage


class Phone:
    """An operator who keeps extending one person's access, tapping each confirmation twice, and waits as long as it takes."""

    def __init__(self, stage: Stage) -> None:
        self.board = stage.telegram.board
        self.confirmed: list[str] = []

    def newest(self, prefix: str, after: int) -> tuple[int, str] | None:
        with self.board.lock:
            found = [
                (bubble.number, button["callback_data"])
                for bubble in self.board.chat(ANN).bubbles
                for row in bubble.keyboard
                for button in row
                if bubble.number >= after and button["callback_data"].startswith(prefix)
            ]
        return found[-1] if found else None

    def extend_once(self) -> None:
        asked = self.board.say(ANN, EMAIL).number
        for prefix in ("user:", "ask:user.extend:"):
            number, data = eventually(lambda p=prefix: self.newest(p, asked), prefix, PATIENCE, 0.05)
            self.board.tap(ANN, number, data)
        number, data = eventually(lambda: self.newest("do:", asked), "question", PATIENCE, 0.05)
        for _ in range(2):
            try:
                self.board.tap(ANN, number, data)
            except UnknownButton:  # answered so fast that the second tap finds it gone
                break
        self.confirmed.append(data)


def test_a_stranger_is_paired_however_often_the_bot_dies(stage: Stage, scaled: Callable[[int], int]) -> None:
    stage.telegram.board.say(ANN, "/start")
    with stage.bot("pairing") as (process, log):
        says(log, SPEAKING)
        process.kill()
    with stage.bot("pairing again") as (process, log):
        code = eventually(lambda: found(stage, r"nproxy pair (\w{8})"), "a code", PATIENCE)
        process.kill()
    stage.nproxy("pair", code, "--yes")
    with stage.bot("greeting") as (process, log):
        eventually(lambda: found(stage, r"(You are in, Ann)"), "a greeting", PATIENCE)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert stage.telegram.token not in log.read_text()
    assert stage.value("SELECT count(*) FROM telegram_admin") == 1


def found(stage: Stage, pattern: str) -> str | None:
    texts = [one.said.text for one in stage.telegram.board.chat(ANN).bubbles if one.sender is None]
    return next((match[1] for text in texts if (match := re.search(pattern, text))), None)


def test_killed_at_any_moment_it_loses_no_update_and_does_no_deed_twice(
    stage: Stage, scaled: Callable[[int], int]
) -> None:
    """Needs the pairing above. Every update is taken once; the access grew by exactly what the audit log says."""
    phone = Phone(stage)
    before = stage.value("SELECT max(ends_at) FROM subscriptions_cycle")
    taken = stage.value("SELECT count(*) FROM telegram_takenupdate")
    first = stage.telegram.board._next_update
    wishes = scaled(30) + 2
    taps = threading.Thread(target=lambda: [phone.extend_once() for _ in range(wishes)])
    taps.start()
    for number in range(scaled(10) + 1):
        with stage.bot(f"killed {number}") as (process, log):
            says(log, SPEAKING)
            time.sleep(random.uniform(0, 2.5))
            process.kill()
    with stage.bot("the last") as (_, log):
        says(log, SPEAKING)
        taps.join(PATIENCE * wishes)
        eventually(lambda: True if not stage.telegram.board.updates else None, "end of updates", PATIENCE)
        unsent = (
            "SELECT count(*) FROM telegram_message WHERE sent_revision < revision AND given_up_at IS NULL"
        )
        eventually(lambda: True if not stage.value(unsent) else None, "end of messages", PATIENCE)
    assert len(phone.confirmed) == wishes
    sent = stage.telegram.board._next_update - first
    assert stage.value("SELECT count(*) FROM telegram_takenupdate") - taken == sent
    extended = stage.value("SELECT count(*) FROM audit_auditentry WHERE action = 'cycle.extended'")
    answered = stage.value("SELECT count(*) FROM telegram_question WHERE answered_at IS NOT NULL")
    grown = stage.value("SELECT max(ends_at) FROM subscriptions_cycle") - before
    assert extended == answered
    assert grown.days == DAYS * extended
    # A confirmation that waited out a restart may be a minute old by then, and is refused.
    assert 0 < extended <= len(set(phone.confirmed))


def test_a_second_bot_waits_and_takes_over_when_the_first_dies(stage: Stage) -> None:
    with stage.bot("first") as (first, first_log):
        says(first_log, SPEAKING)
        with stage.bot("second") as (second, second_log):
            says(second_log, "leading.waiting")
            assert SPEAKING not in second_log.read_text()
            first.kill()
            says(second_log, SPEAKING)
            second.send_signal(signal.SIGTERM)
            assert second.wait(PATIENCE) == 0


def test_without_a_token_it_says_so_and_idles_until_told_to_stop(stage: Stage) -> None:
    with stage.bot("idle", NPROXY_TELEGRAM_TOKEN="") as (process, log):
        says(log, "bot.idle")
        says(log, "leading")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_what_is_no_token_ends_it_with_the_line_that_names_the_setting(stage: Stage) -> None:
    with stage.bot("wrong", NPROXY_TELEGRAM_TOKEN="nonsense") as (process, log):
        assert process.wait(PATIENCE) == 1
        assert "NPROXY_TELEGRAM_TOKEN is not a bot's token" in log.read_text()
        assert "nonsense" not in log.read_text()
