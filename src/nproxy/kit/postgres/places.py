"""Where the embedded server is reached: a pure function of the data directory, so settings start nothing."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

DATABASE = "nproxy"
ROLE = "nproxy"
TEMPORARY = Path("/tmp")  # noqa: S108 - what we make there is 0700, its owner is checked
# A server that is being started has no socket yet.
LEFT_BEHIND_SECONDS = 600


def socket_dir(data_dir: Path) -> Path:
    """A directory short enough for a socket's 107 bytes, the same for every process of this user.

    Always `/tmp`: TMPDIR and XDG_RUNTIME_DIR differ between a login, a service and a cron job.
    """
    digest = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:12]
    return TEMPORARY / f"nproxy-{os.geteuid()}-{digest}"


def belongs_to(directory: Path, uid: int) -> bool:
    """Whether it is really a directory, no link to one, and of that account."""
    try:
        found = directory.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == uid


def sweep(uid: int) -> None:
    """Remove the empty socket directories of servers that were killed or whose data is gone, if they are `uid`'s."""
    for directory in TEMPORARY.glob(f"nproxy-{os.geteuid()}-{'[0-9a-f]' * 12}"):
        with suppress(OSError):  # in use, or gone meanwhile
            if belongs_to(directory, uid) and time.time() - directory.lstat().st_mtime > LEFT_BEHIND_SECONDS:
                directory.rmdir()


def url(data_dir: Path) -> str:
    """The libpq URL of the database that `serving(data_dir)` provides."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(socket_dir(data_dir)), safe='')}"
