"""Two workers on a database of their own, and stand-ins whose every fault is known: the stage of the promise."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from tests.journeys.commands import ROOT, TETHER, Commands, answered
from tests.journeys.stack import eventually

from nproxy.kit import postgres
from nproxy_sandbox.testing import (
    Running,
    RunningProxy,
    running_gemini,
    running_openrouter,
    running_proxy,
    trust,
)

WORKERS = 2
AT_ONCE = 64
FLAT_BYTES = 20_000
# Long enough for two busy cores, short enough for keys that hang.
CONNECT_SECONDS = 15
READ_SECONDS = 15
SETTLED_SECONDS = 420
IN_A_HURRY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
HEADS = {"gemini": "AQ.", "openrouter": "sk-or-v1-"}


@dataclass(frozen=True)
class Key:
    """A key that meets `fault`, by way of a proxy that meets `proxy_fault` ("": none), `required` or not."""

    provider: str
    fault: str = "ok"
    proxy_fault: str = ""
    is_required: bool = False

    def label(self, number: int) -> str:
        return f"{number} {self.provider} {self.fault} {self.proxy_fault}".strip()

    def proxy(self, number: int) -> str:
        return f"{'required' if self.is_required else 'proxy'} {number}" if self.proxy_fault else ""


@dataclass(frozen=True)
class End:
    """What became of a generation."""

    status: str
    error: str


class Crew:
    """The running stage."""

    def __init__(
        self, commands: Commands, driver: subprocess.Popen[str], data_dir: Path, proxy: RunningProxy
    ) -> None:
        self._commands = commands
        self._driver = driver
        self._data_dir = data_dir
        self._proxy = proxy

    def stock(self, keys: Sequence[Key]) -> None:
        """Nobody's keys but these, all fresh."""
        self._drive(
            "stock",
            keys=[
                {
                    "provider": key.provider,
                    "label": key.label(number),
                    "secret": f"{HEADS[key.provider]}sandbox-{key.fault}-{os.urandom(6).hex()}",
                    "proxy": key.proxy(number),
                }
                for number, key in enumerate(keys)
            ],
            proxies=[
                {"name": key.proxy(number), "url": self._proxy.url(f"sandbox-{key.proxy_fault}")}
                for number, key in enumerate(keys)
                if key.proxy_fault
            ],
        )

    def send(self, prompts: Sequence[str]) -> list[UUID]:
        """One person sends them; in the order of the prompts."""
        return [UUID(one) for one in self._drive("send", prompts=list(prompts))]

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """What the database answers, once it is up."""

        def ask() -> list[tuple[Any, ...]] | None:
            try:
                with psycopg.connect(postgres.url(self._data_dir)) as connection:
                    return connection.execute(query, parameters).fetchall()
            except psycopg.OperationalError:
                return None

        return eventually(ask, "answer of the database")

    def settled(self, wishes: Sequence[UUID]) -> list[End]:
        """The ends of the wishes, in their order, once none is open any more."""

        def look() -> list[End] | None:
            found = self.rows(
                "SELECT id, status, error_code FROM generations_generation WHERE id = ANY(%s)", list(wishes)
            )
            ends = {wish: End(status, error) for wish, status, error in found}
            is_over = all(end.status not in ("queued", "running") for end in ends.values())
            return [ends[wish] for wish in wishes] if is_over else None

        return eventually(look, "end of all generations", SETTLED_SECONDS, pause=0.5)

    def story(self, wishes: Sequence[UUID]) -> str:
        """What became of the attempts, by key and verdict: what a failed test has to say."""
        rows = self.rows(
            "SELECT key.label, attempt.route, attempt.verdict, left(attempt.detail, 90), count(*)"
            " FROM providers_attempt AS attempt LEFT JOIN providers_providerkey AS key"
            " ON key.id = attempt.key_id WHERE attempt.work = ANY(%s) GROUP BY 1, 2, 3, 4 ORDER BY 1, 5 DESC",
            list(wishes),
        )
        return "\n".join(" | ".join(map(str, row)) for row in rows)

    def restart_database(self) -> None:
        """A fast shutdown: everybody is thrown out. Whoever keeps it up starts it again within seconds."""
        pid_file = self._data_dir / "postgres" / "postmaster.pid"
        os.kill(int(pid_file.read_text().split("\n", 1)[0]), signal.SIGINT)

    def ledger_adds_up(self) -> bool:
        return "adds up" in self._commands.run("ledger", "verify")

    def _drive(self, verb: str, **order: object) -> Any:
        return answered(self._driver, {"verb": verb, "order": order})["done"]


@contextmanager
def crew() -> Iterator[Crew]:
    """Database, stand-ins over TLS, a proxy and two workers until the block ends."""
    data_dir = Path(tempfile.mkdtemp(prefix="nproxy-promise-"))
    with ExitStack() as closing:
        closing.callback(shutil.rmtree, data_dir, ignore_errors=True)
        certificates = data_dir / "tls"
        gemini = closing.enter_context(running_gemini(flat_bytes=FLAT_BYTES, tls_dir=certificates / "gemini"))
        router = closing.enter_context(
            running_openrouter(flat_bytes=FLAT_BYTES, tls_dir=certificates / "openrouter")
        )
        proxy = closing.enter_context(running_proxy("http"))
        environment = _environment(data_dir, gemini, router)
        closing.enter_context(postgres.serving(data_dir, options=IN_A_HURRY))
        commands = Commands(environment)
        closing.callback(commands.close)
        commands.run("migrate")
        driver = closing.enter_context(_driver(environment))
        stage = Crew(commands, driver, data_dir, proxy)
        for number in range(WORKERS):
            closing.enter_context(_worker(environment, data_dir / f"worker-{number}.log"))
        _warm_up(stage)
        yield stage


def _warm_up(stage: Crew) -> None:
    """The stand-ins paint their one picture now, not while somebody measures their patience."""
    for provider in HEADS:
        stage.stock([Key(provider)])
        stage.settled(stage.send(["a banana"] * WORKERS))


def _environment(data_dir: Path, gemini: Running, router: Running) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("NPROXY_")}
    return outside | {
        "NPROXY_DATA_DIR": str(data_dir),
        "NPROXY_ENV_FILE": "",
        "DJANGO_SETTINGS_MODULE": "nproxy.config.settings",
        "NPROXY_GEMINI_BASE_URL": gemini.base_url,
        "NPROXY_OPENROUTER_BASE_URL": router.base_url,
        "NPROXY_WORKER_CONCURRENCY": str(AT_ONCE // WORKERS),
        "NPROXY_CONNECT_TIMEOUT": str(CONNECT_SECONDS),
        "NPROXY_READ_TIMEOUT": str(READ_SECONDS),
        "NPROXY_MAX_PENDING_PER_USER": "1000",
        "SSL_CERT_FILE": str(trust(data_dir / "trust.pem", gemini.authority, router.authority)),
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def _driver(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    driver = subprocess.Popen(
        [*TETHER, str(os.getpid()), sys.executable, "-m", "tests.chaos.promise_driver"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield driver
    finally:
        driver.communicate()


@contextmanager
def _worker(environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        command = [sys.executable, "-m", "nproxy.cli", "worker", "--grace", "1"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        eventually(lambda: True if "Working" in log.read_text() else None, f"worker at work, see {log}")
        yield
    finally:
        process.kill()
        process.wait()
