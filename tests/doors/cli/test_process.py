"""How a process ends that does not end by itself."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import asyncio, threading
from nproxy.cli.process import end_at_last

async def hangs_for_ever():
    end_at_last(1.5)
    threading.Thread(target=threading.Event().wait, name="stuck").start()
    {hang}

asyncio.run(hangs_for_ever())
"""


def ended(hang: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(hang=hang)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_task_that_does_not_end_is_named_and_ends_with_its_process() -> None:
    end = ended("await asyncio.Event().wait()")
    assert end.returncode == 1
    assert "Stack for <Task" in end.stderr
    assert "hangs_for_ever" in end.stderr


def test_a_thread_that_does_not_end_holds_up_the_interpreter_no_longer_than_that() -> None:
    end = ended("return")
    assert end.returncode == 1
    assert "Timeout" in end.stderr
    assert "threading.py" in end.stderr
