"""What the long-running commands share."""

from __future__ import annotations

import asyncio
import faulthandler
import resource
import signal
import sys
from collections.abc import Callable

OPEN_FILES = 65_536
ALIVE_SECONDS = 10.0
LAST_WORDS_SECONDS = 1.0
STOPS = (signal.SIGTERM, signal.SIGINT)


def allow_many_files() -> int:
    """Raise the soft limit of open files as far as we may: every waiting page and running call holds a socket.

    How many may be open then, at most `OPEN_FILES`.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def on_stop(stop: Callable[[], None]) -> None:
    """Call `stop` in the running loop at the first SIGTERM (Docker, systemd) or SIGINT (Ctrl-C).

    Any later one is ignored, to the end of the process: the end has begun, and what follows the loop
    (the embedded database is stopped by the last to leave) must not be cut short. Whoever dies with
    several threads is mourned by several SIGTERMs (see tethered.py).
    """
    loop = asyncio.get_running_loop()

    def told() -> None:
        for number in STOPS:
            # First out of the loop's hands: it would put the default back when it closes.
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
        stop()

    for number in STOPS:
        loop.add_signal_handler(number, told)


def end_at_last(seconds: float) -> None:
    """Unless it has ended by then, end this process in `seconds`: with 1, and on standard error where each
    thread and each task of the running loop stood. Whatever holds it up: a thread, the loop, the interpreter's end.
    """
    loop = asyncio.get_running_loop()
    loop.call_later(max(0.0, seconds - LAST_WORDS_SECONDS), _tell_tasks, loop)
    faulthandler.dump_traceback_later(seconds, exit=True)


def on_question() -> None:
    """At SIGUSR1, write to standard error where each task of the running loop stands: for one that does not end."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, _tell_tasks, loop)


def _tell_tasks(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.print_stack(file=sys.stderr)
    sys.stderr.flush()
