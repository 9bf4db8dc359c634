"""Run by root as a script: give up root for good, then become the given program.

`unprivileged.py UID GID search|no PROGRAM ARGUMENTS…`. With `search` the program keeps one
capability, to walk through directories it may not read (capabilities(7), "ambient").
A script of its own, not a preexec_fn: between fork and exec of a process with threads nothing is safe.
"""

from __future__ import annotations

import ctypes
import os
import sys

CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522


def main(arguments: list[str]) -> None:
    uid, gid, search, *program = arguments
    system = ctypes.CDLL(None, use_errno=True)
    if search == "search":
        # Leaving root would drop every capability, and access(2), by which PostgreSQL looks for
        # its own programs, would ignore the one that is kept.
        _check(system.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
    if search == "search":
        _keep_one(system)
    os.execv(program[0], program)  # noqa: S606 - the point of this script; no shell is wanted


def _keep_one(system: ctypes.CDLL) -> None:
    # Containers often grant OVERRIDE but not the milder READ_SEARCH.
    try:
        _make_ambient(system, CAP_DAC_READ_SEARCH)
    except OSError:
        _make_ambient(system, CAP_DAC_OVERRIDE)


def _make_ambient(system: ctypes.CDLL, capability: int) -> None:
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    effective = permitted = inheritable = 1 << capability
    data = (ctypes.c_uint32 * 6)(effective, permitted, inheritable, 0, 0, 0)
    _check(system.capset(header, data))
    _check(system.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        sys.exit(f"could not run {sys.argv[4]} as uid {sys.argv[1]}: {error.strerror}")
