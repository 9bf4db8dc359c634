"""The processes that `nproxy demo` runs: started, started again after a crash, stopped in order.

Raises `EndedEarly` for one that cannot be kept up, with the end of its log.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import click

from nproxy.cli import tethered

AGAIN_SECONDS = 1.0
STOP_SECONDS = 15.0
# One that has never been of use, or ends so often at once, will not get better by itself.
AT_ONCE_SECONDS = 10.0
AT_ONCE_TIMES = 5
LAST_LINES = 8


class EndedEarly(click.ClickException):
    """A child ended before the demo was ready, or again and again right after its start."""


@dataclass
class Child:
    """One process: its name, the module and arguments it is run by, and where its output goes."""

    name: str
    arguments: tuple[str, ...]
    log: Path
    has_served: bool = False
    _said_before: int = field(default=0, repr=False)
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)
    _keeper: asyncio.Task[None] | None = field(default=None, repr=False)

    def start(self) -> asyncio.Task[None]:
        """Run it, and again whenever it ends by itself, until `stop`. The task ends only by EndedEarly."""
        self._said_before = self._log_size()
        self._keeper = asyncio.create_task(self._keep(), name=self.name)
        return self._keeper

    def has_said(self, words: str) -> bool:
        """Whether its log of this start has these words: another program on its port does not count as ready."""
        return words in self._said()

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL to what is left of it after `STOP_SECONDS`."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait((self._keeper,))
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _keep(self) -> None:
        ends: deque[float] = deque(maxlen=AT_ONCE_TIMES)
        while True:
            started = time.monotonic()
            self._process = await self._run()
            code = await self._process.wait()
            # Killed from outside (a negative code) says nothing about the next start.
            ends.append(time.monotonic() - started if code > 0 else AT_ONCE_SECONDS)
            is_hopeless = len(ends) == AT_ONCE_TIMES and max(ends) < AT_ONCE_SECONDS
            if is_hopeless or not self.has_served:
                last = "\n".join(self._said().splitlines()[-LAST_LINES:])
                raise EndedEarly(f"{self.name} ended ({code}). The end of {self.log}:\n{last}")
            click.echo(f"{self.name} ended ({code}), starting it again. Its log: {self.log}", err=True)
            await asyncio.sleep(AGAIN_SECONDS)

    def _log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def _said(self) -> str:
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self._said_before)
            return log.read().decode(errors="replace")

    async def _run(self) -> asyncio.subprocess.Process:
        tether = (sys.executable, "-I", "-S", str(Path(tethered.__file__)), str(os.getpid()))
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *tether,
                sys.executable,
                "-m",
                *self.arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A group of its own: Ctrl-C in the terminal is for the parent, which stops the children in order.
                start_new_session=True,
            )


async def stop_in_order(children: Iterable[Child]) -> None:
    """Stop one after the other, so that what others rely on goes last."""
    for child in children:
        await child.stop()
