"""How a process ends that does not end by itself."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import asyncio, threading
from nproxy.cli import process

async def hangs_for_ever():
    process.LAST_WORDS_SECONDS = 60  # at once: a busy machine may take its time to print them
    process.end_at_last({seconds})
    threading.Thread(target=threading.Event().wait, name="stuck").start()
    {hang}

asyncio.run(hangs_for_ever())
"""


def ended(hang: str, seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(hang=hang, seconds=seconds)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_task_that_does_not_end_is_named_and_ends_with_its_process() -> None:
    end = ended("await asyncio.Event().wait()", seconds=4)
    assert end.returncode == 1
    assert "Stack for <Task" in end.stderr
    assert "hangs_for_ever" in end.stderr


def test_a_thread_that_does_not_end_holds_up_the_interpreter_no_longer_than_that() -> None:
    end = ended("return", seconds=1)
    assert end.returncode == 1
    assert "Timeout" in end.stderr
    assert "threading.py" in end.stderr
