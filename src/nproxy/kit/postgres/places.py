"""Where the embedded server is reached: a pure function of the data directory, so settings start nothing."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from urllib.parse import quote

DATABASE = "nproxy"
ROLE = "nproxy"


def socket_dir(data_dir: Path) -> Path:
    """A directory short enough for a socket's 107 bytes, the same for every process of this user.

    Always `/tmp`: TMPDIR and XDG_RUNTIME_DIR differ between a login, a service and a cron job.
    """
    digest = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:12]
    return Path(f"/tmp/nproxy-{os.geteuid()}-{digest}")  # noqa: S108 - made 0700, its owner is checked


def url(data_dir: Path) -> str:
    """The libpq URL of the database that `serving(data_dir)` provides."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(socket_dir(data_dir)), safe='')}"
