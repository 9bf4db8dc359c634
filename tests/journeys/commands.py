"""`nproxy` commands as on a command line, but for the start of each: forks of one process that has Django already.

Run as a script it is that process: a line of JSON in and a line of JSON out for each command.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from nproxy.cli import main, tethered
from nproxy.cli.door import start_django

ROOT = Path(__file__).resolve().parents[2]
# What is started here ends with the tests, however those end (Linux).
TETHER = (sys.executable, "-I", "-S", tethered.__file__)
# A full-size proof sends hundreds of wishes in one order.
PATIENCE_SECONDS = 600


class Commands:
    """Runs commands with this environment, as it is when the first one is run."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._runner: subprocess.Popen[str] | None = None

    def run(self, *arguments: str, stdin: str = "") -> str:
        """What the command prints. Raises AssertionError when it fails."""
        self._runner = self._runner or self._started()
        ended = answered(self._runner, {"arguments": arguments, "stdin": stdin})
        if ended["code"]:
            raise AssertionError(f"nproxy {' '.join(arguments)}: {ended['said']}{ended['complained']}")
        return str(ended["said"])

    def close(self) -> None:
        if self._runner is not None:
            self._runner.communicate()

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*TETHER, str(os.getpid()), sys.executable, "-m", __name__],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def answered(process: subprocess.Popen[str], order: dict[str, object]) -> dict[str, object]:
    """The line of JSON with which the process answers this one."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    if not select.select([process.stdout], [], [], PATIENCE_SECONDS)[0]:
        process.kill()
        raise AssertionError(f"no answer to {order}")
    line = process.stdout.readline()
    assert line, f"ended at {order}"
    answer: dict[str, object] = json.loads(line)
    return answer


def serve(orders: IO[str], answers: IO[str]) -> None:
    """Until there are no more orders."""
    start_django()
    for line in orders:
        order = json.loads(line)
        with (
            tempfile.TemporaryFile("w+") as given,
            tempfile.TemporaryFile("w+") as said,
            tempfile.TemporaryFile("w+") as complained,
        ):
            given.write(order["stdin"])
            given.seek(0)
            if (child := os.fork()) == 0:
                for number, file in enumerate((given, said, complained)):
                    os.dup2(file.fileno(), number)
                sys.argv = ["nproxy", *order["arguments"]]
                main()  # which exits
            _, status = os.waitpid(child, 0)
            said.seek(0)
            complained.seek(0)
            ended = {
                "code": os.waitstatus_to_exitcode(status),
                "said": said.read(),
                "complained": complained.read(),
            }
        answers.write(json.dumps(ended) + "\n")
        answers.flush()


if __name__ == "__main__":
    # Copies: a command's own input and output are others.
    with os.fdopen(os.dup(0)) as orders, os.fdopen(os.dup(1), "w") as answers:
        serve(orders, answers)
