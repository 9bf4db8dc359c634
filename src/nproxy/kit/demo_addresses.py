"""The addresses of a running demo, in `<data>/demo.env`, for whoever works beside it on the same data directory.

The demo holds a lock on the file, which the kernel drops whatever way the demo dies: a file that was
left behind says nothing.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

NAME = "demo.env"
# A reader looks by taking the lock for a moment; another demo keeps it.
TRIES, PAUSE_SECONDS = 20, 0.05


@contextmanager
def published(data_dir: Path, addresses: Mapping[str, str]) -> Iterator[None]:
    """Let `running` answer `addresses` while the block runs. A second demo on the directory stays unpublished."""
    path = data_dir / NAME
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _locked(descriptor):
            yield
            return
        os.ftruncate(descriptor, 0)
        os.write(descriptor, "".join(f"{name}={value}\n" for name, value in addresses.items()).encode())
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def running(data_dir: Path) -> dict[str, str]:
    """The addresses of the demo that runs on this directory now; {} when none does."""
    try:
        with (data_dir / NAME).open(encoding="utf-8") as file:
            if _is_free(file.fileno()):
                return {}
            pairs = (line.strip().partition("=") for line in file)
            return {name: value for name, equals, value in pairs if equals}
    except OSError:
        return {}


def _locked(descriptor: int) -> bool:
    for _ in range(TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE_SECONDS)
        else:
            return True
    return False


def _is_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
