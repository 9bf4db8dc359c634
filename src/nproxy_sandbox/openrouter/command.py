"""`python -m nproxy_sandbox openrouter`."""

from __future__ import annotations

from nproxy_sandbox.drawing.options import drawing_options, studio_of
from nproxy_sandbox.openrouter.server import make_app, make_control
from nproxy_sandbox.serving import serve

PORT = 9102


def main(argv: list[str]) -> None:
    """Serve the OpenRouter stand-in until told to stop. Its API is under /api/v1."""
    arguments = drawing_options("openrouter", PORT).parse_args(argv)
    serve(
        "Sandbox OpenRouter",
        lambda: make_app(make_control(arguments.latency), studio_of(arguments)),
        arguments,
    )
