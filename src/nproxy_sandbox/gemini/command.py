"""`python -m nproxy_sandbox gemini`."""

from __future__ import annotations

from aiohttp import web

from nproxy_sandbox.drawing.studio import FlatStudio, Studio, ThreadedStudio
from nproxy_sandbox.gemini.server import make_app, make_control
from nproxy_sandbox.serving import options, serve

PORT = 9101
FLAT_BYTES = 1_500_000


def main(argv: list[str]) -> None:
    """Serve the Gemini stand-in until told to stop."""
    parser = options("gemini", PORT)
    parser.add_argument(
        "--latency", type=float, default=2.0, help="seconds that a drawing takes (default %(default)s)"
    )
    parser.add_argument(
        "--flat", action="store_true", help="one picture drawn beforehand: costs nothing, for benches"
    )
    parser.add_argument(
        "--bytes", type=int, default=FLAT_BYTES, help="size of the flat picture (default %(default)s)"
    )
    arguments = parser.parse_args(argv)

    def app() -> web.Application:
        studio: Studio = FlatStudio(arguments.bytes) if arguments.flat else ThreadedStudio()
        return make_app(make_control(arguments.latency), studio)

    serve("Sandbox Gemini", app, arguments)
