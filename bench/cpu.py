"""CPU time of a process by what its threads are for. Linux only: it reads /proc."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
# The beginning of a thread's name → the part of the work it does. The event loop is the main thread.
PARTS = {"database": "database", "pictures": "image coding", "worker": "event loop"}


def by_part(pid: int, main: str = "event loop") -> Counter[str]:
    """Seconds of CPU so far: `database`, `image coding`, the main thread's `event loop`, and `other`."""
    seconds: Counter[str] = Counter()
    for task in Path(f"/proc/{pid}/task").iterdir():
        name, _, rest = (task / "stat").read_text().partition("(")[2].rpartition(")")
        fields = rest.split()
        spent = (int(fields[11]) + int(fields[12])) / TICKS
        part = main if task.name == str(pid) else _part(name)
        seconds[part] += spent
    return seconds


def _part(name: str) -> str:
    return next((part for start, part in PARTS.items() if name.startswith(start)), "other")
