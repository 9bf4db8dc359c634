"""A real PostgreSQL under the data directory, for whoever has none: started by the first nproxy
process that needs it, shared by all on that directory, stopped by the last one to leave.

Raises `PostgresUnavailable`, one line that says what to do.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nproxy.kit.folders import make_private
from nproxy.kit.postgres.cluster import Cluster, PostgresUnavailable
from nproxy.kit.postgres.places import url

__all__ = ["PostgresUnavailable", "serving", "url"]

# How soon a server that was killed under its users is started again.
WATCH_SECONDS = 1.0


@contextmanager
def serving(
    data_dir: Path, *, bindir: Path | None = None, options: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Keep the server of `data_dir` up while the block runs; yields its URL (`places.url`, known beforehand).

    Any number of processes and threads may be inside at once. Each holds a shared lock on
    `postgres.users` that the kernel drops whatever way it dies, so the last one out can tell.
    `bindir` names the binaries to use (else they are looked for), `options` are server settings;
    both count only for whoever starts the server. Raises PostgresUnavailable.
    """
    make_private(data_dir)
    cluster = Cluster(data_dir.resolve(), bindir=bindir, options=options or {})
    with _opened(data_dir / "postgres.users") as users:
        try:
            with _exclusive(data_dir):
                fcntl.flock(users, fcntl.LOCK_SH)
                cluster.ensure_up()
            with _kept_up(cluster, data_dir):
                yield url(data_dir)
        finally:
            with _exclusive(data_dir):
                if _is_last(users):
                    cluster.stop()


@contextmanager
def _kept_up(cluster: Cluster, data_dir: Path) -> Iterator[None]:
    leaving = threading.Event()

    def watch() -> None:
        while not leaving.wait(WATCH_SECONDS):
            if not cluster.is_up():
                with _exclusive(data_dir):
                    _try_again(cluster)

    watcher = threading.Thread(target=watch, name="postgres-watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        leaving.set()
        watcher.join()


def _try_again(cluster: Cluster) -> None:
    try:
        cluster.ensure_up()
    except PostgresUnavailable:
        # Whoever queries meets the error itself; the next round tries once more.
        return


def _is_last(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _exclusive(data_dir: Path) -> Iterator[None]:
    with _opened(data_dir / "postgres.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
