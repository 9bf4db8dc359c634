"""What the commands of stand-ins that draw share."""

from __future__ import annotations

import argparse

from nproxy_sandbox.drawing.studio import FlatStudio, Studio, ThreadedStudio
from nproxy_sandbox.serving import options

FLAT_BYTES = 1_500_000


def drawing_options(name: str, port: int) -> argparse.ArgumentParser:
    """A parser with the options of every stand-in, and those of the ones that draw."""
    parser = options(name, port)
    parser.add_argument(
        "--latency", type=float, default=2.0, help="seconds that a drawing takes (default %(default)s)"
    )
    parser.add_argument(
        "--flat", action="store_true", help="one picture drawn beforehand: costs nothing, for benches"
    )
    parser.add_argument(
        "--bytes", type=int, default=FLAT_BYTES, help="size of the flat picture (default %(default)s)"
    )
    return parser


def studio_of(arguments: argparse.Namespace) -> Studio:
    """Where the pictures are painted that `drawing_options` were given for."""
    return FlatStudio(arguments.bytes) if arguments.flat else ThreadedStudio()
