"""`python -m nproxy_sandbox telegram`."""

from __future__ import annotations

from pathlib import Path

from nproxy_sandbox.serving import options, serve
from nproxy_sandbox.telegram.chats import Switchboard
from nproxy_sandbox.telegram.server import TOKEN, make_app, make_control

PORT = 9104


def main(argv: list[str]) -> None:
    """Serve the Telegram stand-in until told to stop."""
    parser = options("telegram", PORT)
    parser.add_argument(
        "--token", default=TOKEN, help="of the one bot that is known here (default %(default)s)"
    )
    parser.add_argument(
        "--memory", type=Path, help="a file in which people outlive this process (default: none)"
    )
    arguments = parser.parse_args(argv)
    control, board = make_control(), Switchboard(arguments.memory)
    serve("Sandbox Telegram", lambda: make_app(control, board, arguments.token), arguments)
