"""The `nproxy` command: one file per group of commands, each a thin door to the rooms below."""

from __future__ import annotations


def main() -> None:
    """The entry point."""
    # Inside, so that whoever imports a part of this package does not pay for the whole command line.
    from nproxy.cli.root import nproxy

    nproxy(prog_name="nproxy")
