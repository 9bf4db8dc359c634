"""`python -m nproxy_sandbox nowpayments`."""

from __future__ import annotations

from pathlib import Path

from nproxy_sandbox.nowpayments.keeping import Journal
from nproxy_sandbox.nowpayments.server import make_app
from nproxy_sandbox.nowpayments.till import IPN_SECRET, PAYOUT, Till
from nproxy_sandbox.serving import options, serve

PORT = 9103


def main(argv: list[str]) -> None:
    """Serve the NOWPayments stand-in until told to stop."""
    parser = options("nowpayments", PORT)
    parser.add_argument(
        "--hurry",
        type=float,
        default=1.0,
        metavar="N",
        help="confirmations and second tries of callbacks take 1/N of their time (default %(default)s)",
    )
    parser.add_argument("--ipn-secret", default=IPN_SECRET, help="signs the callbacks (default %(default)s)")
    parser.add_argument("--payout", default=PAYOUT, help="the coin that is paid out (default %(default)s)")
    parser.add_argument(
        "--journal", type=Path, help="a file in which payments outlive this process (default: none)"
    )
    arguments = parser.parse_args(argv)
    till = Till(arguments.hurry, arguments.ipn_secret, arguments.payout, Journal(arguments.journal))
    serve("Sandbox NOWPayments", lambda: make_app(till), arguments)
