"""The stack of compose.yaml with the sandbox beside it, and handles on it."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import ssl
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.client import Client
from tests.compose.asking import Door
from tests.journeys.stack import Login, eventually, fetch, free_port, post

ROOT = Path(__file__).resolve().parents[2]
FILES = ("compose.yaml", "deploy/compose.sandbox.yaml", "tests/compose/machine.yaml")
PASSWORD = "seven purple kettles"
PEOPLE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "nproxy.config.settings"
import django
django.setup()
from django.utils import timezone
from nproxy.accounts import actions as accounts
from nproxy.audit.rules import SYSTEM
from nproxy.subscriptions import actions as subscriptions
password, limit, *emails = sys.argv[1:]
for email in emails:
    now = timezone.now()
    user = accounts.create_user(email=email, password=password, verified=True, actor=SYSTEM, now=now)
    subscriptions.grant(user_id=user, limit=int(limit), reason="test", actor=SYSTEM, now=now)
"""
BUILD_SECONDS = 900
COMMAND_SECONDS = 600
SECRETS = (
    "NPROXY_DATABASE_PASSWORD",
    "NPROXY_SECRET_KEY",
    "NPROXY_ENCRYPTION_KEYS",
    "NPROXY_METRICS_TOKEN",
)
PORTS = ("HTTP_PORT", "HTTPS_PORT", "SANDBOX_GEMINI_PORT", "SANDBOX_NOWPAYMENTS_PORT", "SANDBOX_MAIL_PORT")


@dataclass(frozen=True)
class ComposeStack:
    """A running stack in `staging`, reached over HTTPS through Caddy."""

    site: str
    ports: dict[str, int]
    environment: dict[str, str]
    settings: Path
    authority: str

    @property
    def tls(self) -> ssl.SSLContext:
        """Trust in Caddy's own authority, and in nobody else."""
        return ssl.create_default_context(cadata=self.authority)

    @property
    def door(self) -> Door:
        """For a stranger, through Caddy."""
        return Door("localhost", self.ports["HTTPS_PORT"], self.tls)

    def compose(self, *arguments: str, seconds: float = COMMAND_SECONDS) -> str:
        """What `docker compose ARGUMENTS` prints."""
        return _output(["docker", "compose", *arguments], self.environment, seconds=seconds)

    def nproxy(self, *arguments: str, stdin: str = "", seconds: float = COMMAND_SECONDS) -> str:
        """What the command prints, run as an operator does on the host."""
        command = [str(ROOT / "deploy/nproxy"), *arguments]
        return _output(command, self.environment, stdin=stdin, seconds=seconds)

    def person(self, name: str, *, limit: int = 0) -> Login:
        login = Login(f"{name}@example.com", PASSWORD)
        self.nproxy("users", "create", login.email, "--verified", "--password-stdin", stdin=PASSWORD)
        if limit:
            self.nproxy("cycles", "grant", login.email, "--limit", str(limit), "--reason", "test")
        return login

    def people(self, number: int, *, limit: int) -> list[Login]:
        """Several at once, each with a cycle."""
        emails = [f"p{secrets.token_hex(5)}@example.com" for _ in range(number)]
        self.compose("exec", "-T", "worker", "python", "-c", PEOPLE, PASSWORD, str(limit), *emails)
        return [Login(email, PASSWORD) for email in emails]

    def set(self, **settings: str) -> None:
        """More settings, read by new containers of whoever needs them."""
        with self.settings.open("a") as file:
            file.writelines(f"{name}={value}\n" for name, value in settings.items())
        self.compose("up", "--detach", "--force-recreate", "web", "worker", "bot")
        for service in ("web", "worker"):
            self.has_come_back(service)

    def secrets(self) -> dict[str, str]:
        """What nobody may learn, by name."""
        lines = dict(line.split("=", 1) for line in self.settings.read_text().splitlines())
        return {name: lines[name] for name in SECRETS}

    def client(self, login: Login, *, timeout: float = 30) -> Client:
        """A program that checks Caddy's certificate."""
        return Client(self.site, login, self.tls, timeout)

    def draw_in(self, seconds: float) -> None:
        post(f"http://localhost:{self.ports['SANDBOX_GEMINI_PORT']}/sandbox/latency", {"seconds": seconds})

    def pays(self, payment: str) -> None:
        base = f"http://localhost:{self.ports['SANDBOX_NOWPAYMENTS_PORT']}/sandbox"
        post(f"{base}/clock", {"pace": 60})
        post(f"{base}/payments/{payment}/pay", {"deed": "exactly"})

    def calls_back(self) -> list[dict[str, Any]]:
        """What the processor has told us by itself, with our answers, oldest first."""
        base = f"http://localhost:{self.ports['SANDBOX_NOWPAYMENTS_PORT']}/sandbox"
        told: list[dict[str, Any]] = fetch(f"{base}/callbacks")["callbacks"]
        return told

    def link_in_mail(self, recipient: str, path: str) -> str:
        def find() -> str | None:
            mails = fetch(f"http://localhost:{self.ports['SANDBOX_MAIL_PORT']}/mails.json")
            mine = [mail for mail in mails if mail["recipient"] == recipient]
            return next((link for mail in mine for link in mail["links"] if path in link), None)

        return eventually(find, f"a mail to {recipient} with a link to {path}")

    def containers(self, service: str) -> list[str]:
        return self.compose("ps", "--quiet", "--all", service).split()

    def inspect(self, service: str) -> dict[str, Any]:
        [container] = self.containers(service)
        found: dict[str, Any] = json.loads(_output(["docker", "inspect", container], self.environment))[0]
        return found

    def kill(self, service: str) -> None:
        """SIGKILL to everything in its containers at once, from within: a crash, and nothing that Docker did."""
        for container in self.containers(service):
            _run(["docker", "exec", container, "sh", "-c", "kill -9 -1"], self.environment)

    def has_come_back(self, service: str) -> None:
        """Waits until every container of the service runs and is healthy (where it knows what that is)."""

        def well() -> bool | None:
            states = [
                json.loads(line) for line in self.compose("ps", "--format", "json", service).splitlines()
            ]
            good = [state["State"] == "running" and state["Health"] in {"", "healthy"} for state in states]
            return True if states and all(good) else None

        eventually(well, f"a healthy {service}", 120)
        # Caddy runs before it listens.
        eventually(lambda: self.is_reached() or None, "an answer of the site")

    def is_reached(self) -> bool:
        """Whether the site answers a stranger, through Caddy."""
        try:
            urllib.request.urlopen(f"{self.site}/healthz", timeout=10, context=self.tls).close()
        except OSError:
            return False
        return True

    def sql(self, statement: str) -> str:
        """The answer of the database to one statement, unaligned."""
        asked = ("exec", "-T", "-u", "postgres", "postgres", "psql", "-U", "nproxy", "-AtXc", statement)
        return self.compose(*asked).strip()


@contextmanager
def running() -> Iterator[ComposeStack]:
    """Build and start everything from nothing; take it away again, volumes included, when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="nproxy-compose-"))
    ports = {name: free_port() for name in PORTS}
    site = f"https://localhost:{ports['HTTPS_PORT']}"
    settings = folder / "settings"
    settings.write_text("\n".join(f"{name}={value}" for name, value in _settings(site, ports).items()) + "\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NPROXY_")}
    environment |= {
        "COMPOSE_PROJECT_NAME": f"nproxy-test-{secrets.token_hex(3)}",
        "COMPOSE_FILE": os.pathsep.join(str(ROOT / name) for name in FILES),
        "COMPOSE_ENV_FILES": str(settings),
        "NPROXY_SETTINGS_FILE": str(settings),
    }
    try:
        _output(["docker", "compose", "build", "--quiet"], environment, seconds=BUILD_SECONDS)
        _output(["docker", "compose", "up", "--detach"], environment)
        stack = ComposeStack(site, ports, environment, settings, authority(environment))
        stack.has_come_back("caddy")
        _stock(stack)
        yield stack
    finally:
        _run(["docker", "compose", "down", "--volumes", "--timeout", "5"], environment)
        shutil.rmtree(folder, ignore_errors=True)


def _settings(site: str, ports: dict[str, int]) -> dict[str, object]:
    return {
        "NPROXY_ENV": "staging",
        "DOMAIN": "localhost",
        "NPROXY_BASE_URL": site,
        "CADDY_OPTIONS": "local_certs",
        "NPROXY_DATABASE_PASSWORD": secrets.token_hex(24),
        "NPROXY_SECRET_KEY": secrets.token_urlsafe(48),
        "NPROXY_ENCRYPTION_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "NPROXY_METRICS_TOKEN": secrets.token_hex(24),
        **ports,
    }


def authority(environment: dict[str, str], folder: Path = ROOT) -> str:
    """The certificate of Caddy's own authority."""
    root = "/data/caddy/pki/authorities/local/root.crt"

    def certificate() -> str | None:
        found = _run(["docker", "compose", "exec", "-T", "caddy", "cat", root], environment, folder=folder)
        return found.stdout if found.returncode == 0 else None

    return eventually(certificate, "Caddy's certificate")


def _stock(stack: ComposeStack) -> None:
    """What an operator does after the first start; and the name, which is of this machine alone, is told the processor."""
    post(
        f"http://localhost:{stack.ports['SANDBOX_NOWPAYMENTS_PORT']}/sandbox/callbacks",
        {"via": "caddy:443", "authority": stack.authority},
    )
    stack.nproxy("plan", "set", "--name", "Studio", "--price", "19", "--limit", "500")
    for label in ("first", "second", "third"):
        secret = f"AQ.sandbox-ok-{label}"
        stack.nproxy("keys", "add", "--provider", "gemini", "--label", label, stdin=secret)


def _output(
    command: list[str], environment: dict[str, str], *, stdin: str = "", seconds: float = COMMAND_SECONDS
) -> str:
    finished = _run(command, environment, stdin=stdin, seconds=seconds)
    if finished.returncode:
        raise AssertionError(f"{' '.join(command)}: {finished.stdout}{finished.stderr}")
    return finished.stdout


def _run(
    command: list[str],
    environment: dict[str, str],
    *,
    stdin: str = "",
    seconds: float = COMMAND_SECONDS,
    folder: Path = ROOT,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
