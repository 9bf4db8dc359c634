"""The processes that `nproxy demo` runs: started, started again after a crash, stopped in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import click

from nproxy.cli import tethered

AGAIN_SECONDS = 1.0
STOP_SECONDS = 15.0


@dataclass
class Child:
    """One process: its name, the module and arguments it is run by, and where its output goes."""

    name: str
    arguments: tuple[str, ...]
    log: Path
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)
    _keeper: asyncio.Task[None] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Run it, and again whenever it ends by itself, until `stop`."""
        self._keeper = asyncio.create_task(self._keep(), name=self.name)

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
        while True:
            self._process = await self._run()
            code = await self._process.wait()
            click.echo(f"{self.name} ended ({code}), starting it again. Its log: {self.log}", err=True)
            await asyncio.sleep(AGAIN_SECONDS)

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
