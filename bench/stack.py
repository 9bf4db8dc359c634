"""The real processes, in a data directory of their own: database, provider stand-in, web, worker."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
PICTURE_BYTES = 1_500_000
READY_SECONDS = 60


def prepare() -> None:
    """Settings for this process and all that it starts; nothing of the caller's own installation is touched."""
    for name in [name for name in os.environ if name.startswith("NPROXY_")]:
        del os.environ[name]
    os.environ |= {
        "NPROXY_DATA_DIR": tempfile.mkdtemp(prefix="nproxy-bench-"),
        "NPROXY_ENV_FILE": "",
        "NPROXY_GEMINI_BASE_URL": f"http://{HOST}:{free_port()}",
        "NPROXY_BASE_URL": f"http://{HOST}:{free_port()}",
        "DJANGO_SETTINGS_MODULE": "nproxy.config.settings",
    }
    import django

    django.setup()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Stack:
    """Database, stand-in and web while the block lasts; a worker whenever a measurement asks for one."""

    def __init__(self) -> None:
        self.data_dir = Path(os.environ["NPROXY_DATA_DIR"])
        self.site = os.environ["NPROXY_BASE_URL"]
        self.provider = os.environ["NPROXY_GEMINI_BASE_URL"]
        self.web_pid = 0
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        from nproxy.kit import postgres

        self._closing.callback(shutil.rmtree, self.data_dir, ignore_errors=True)
        self._closing.enter_context(postgres.serving(self.data_dir))
        subprocess.run([sys.executable, "-m", "nproxy.cli", "migrate"], check=True, stdout=subprocess.DEVNULL)
        flat = ("--flat", "--bytes", str(PICTURE_BYTES))
        port = self.provider.rpartition(":")[2]
        self._closing.enter_context(self.process("nproxy_sandbox", "gemini", "--port", port, *flat))
        port = self.site.rpartition(":")[2]
        web = self._closing.enter_context(self.process("nproxy.cli", "web", "--port", port))
        self.web_pid = web.pid
        wait_for(f"{self.provider}/")
        wait_for(f"{self.site}/readyz")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    @contextmanager
    def process(self, module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """`python -m module arguments` while the block lasts; its output goes to a log in the data directory."""
        with (self.data_dir / f"{module}-{arguments[0] if arguments else 'main'}.log").open("ab") as log:
            running = subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=log, stderr=log)
            try:
                yield running
            finally:
                running.terminate()
                try:
                    running.wait(30)
                except subprocess.TimeoutExpired:
                    running.kill()
                    running.wait()

    def latency(self, seconds: float) -> None:
        """How long the stand-in takes for a picture from now on."""

        body = json.dumps({"seconds": seconds}).encode()
        order = urllib.request.Request(
            f"{self.provider}/sandbox/latency", body, {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(order, timeout=5).close()


def wait_for(address: str) -> None:
    """Until it answers with a success."""
    give_up = time.monotonic() + READY_SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except (urllib.error.URLError, OSError):
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)
        else:
            return
