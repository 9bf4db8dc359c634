"""Run as a script: become another program that ends when its parent does, however the parent dies.

`tethered.py PARENT PROGRAM ARGUMENTS…`. Linux tells a child by signal (prctl(2), PR_SET_PDEATHSIG);
elsewhere the program is merely run. A script of its own, not a preexec_fn: between fork and exec
of a process with threads nothing is safe.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: str, *program: str) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(parent):  # it died before we had asked
            sys.exit(0)
    os.execv(program[0], program)  # noqa: S606 - the point of this script; no shell is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
