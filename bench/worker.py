"""`nproxy worker`, with its threads' names known to the kernel, so that their CPU time can be told apart."""

from __future__ import annotations

import ctypes
import sys
import threading

PR_SET_NAME = 15
_run = threading.Thread.run
_libc = ctypes.CDLL(None)


def _run_named(thread: threading.Thread) -> None:
    _libc.prctl(PR_SET_NAME, thread.name.encode()[:15], 0, 0, 0)
    _run(thread)


threading.Thread.run = _run_named  # type: ignore[method-assign]

from nproxy.cli import main  # noqa: E402 - after the threads are named

sys.argv = ["nproxy", "worker"]
main()
