"""`python -m nproxy_sandbox gemini`."""

from __future__ import annotations

from nproxy_sandbox.drawing.options import drawing_options, studio_of
from nproxy_sandbox.gemini.server import make_app, make_control
from nproxy_sandbox.serving import serve

PORT = 9101


def main(argv: list[str]) -> None:
    """Serve the Gemini stand-in until told to stop."""
    arguments = drawing_options("gemini", PORT).parse_args(argv)
    serve(
        "Sandbox Gemini",
        lambda: make_app(make_control(arguments.latency), studio_of(arguments)),
        arguments,
    )
