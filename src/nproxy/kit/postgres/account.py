"""Which system account runs the server: our own, or `nobody` when we are root (PostgreSQL refuses root)."""

from __future__ import annotations

import os
import pwd
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from nproxy.kit.postgres import unprivileged


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int
    drops_root: bool

    def command(self, *arguments: str | Path, reaching: tuple[Path, ...]) -> list[str]:
        """The command line that runs `arguments` as this account, able to reach all of `reaching`.

        A clone or data directory under root's own 0700 home is reached by one ambient
        capability; no directory's mode is touched.
        """
        words = [str(argument) for argument in arguments]
        if not self.drops_root:
            return words
        search = "no" if all(_open_to_all(path) for path in reaching) else "search"
        script = str(Path(unprivileged.__file__))
        return [sys.executable, "-I", "-S", script, str(self.uid), str(self.gid), search, *words]


def current() -> Account:
    """The account for the server of this process."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), drops_root=False)
    # By name, because initdb insists on a passwd entry.
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid, drops_root=True)


def _open_to_all(path: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
