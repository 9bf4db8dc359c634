"""`python -m nproxy_sandbox NAME …`: start one stand-in."""

from __future__ import annotations

import sys
from importlib import import_module

# Name on the command line → module whose `main(argv)` serves until it is told to stop.
STAND_INS = {
    "gemini": "nproxy_sandbox.gemini.command",
    "mail": "nproxy_sandbox.mail",
    "openrouter": "nproxy_sandbox.openrouter.command",
    "proxy": "nproxy_sandbox.proxy.command",
    "nowpayments": "nproxy_sandbox.nowpayments.command",
    "telegram": "nproxy_sandbox.telegram.command",
}


def main(argv: list[str]) -> int:
    """Hand the rest of the command line to the stand-in that `argv` names."""
    if not argv or argv[0] not in STAND_INS:
        asked_for_help = bool(argv) and argv[0] in ("-h", "--help")
        print(
            f"usage: python -m nproxy_sandbox {{{','.join(sorted(STAND_INS))}}} [--help]",
            file=sys.stdout if asked_for_help else sys.stderr,
        )
        return 0 if asked_for_help else 2
    import_module(STAND_INS[argv[0]]).main(argv[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
