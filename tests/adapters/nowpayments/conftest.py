"""A NOWPayments stand-in at the address where the product looks for it, and someone who receives its callbacks."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from pytest_django import Settings

from nproxy.billing.processors.nowpayments import NowPayments
from nproxy_sandbox.nowpayments.till import IPN_SECRET, Till
from nproxy_sandbox.testing import RunningProcessor, running_nowpayments

API_KEY = "sandbox-key-of-a-test-0123456789"


@dataclass
class Receiver:
    """Keeps every callback: headers and body. `answers` are given in turn, then 200."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@pytest.fixture(scope="module")
def _server() -> Iterator[RunningProcessor]:
    with running_nowpayments() as running:
        yield running


@pytest.fixture
def sandbox(_server: RunningProcessor, settings: Settings) -> RunningProcessor:
    """The stand-in, its book empty, and the product's settings pointed at it."""
    _server.till.reset()
    settings.NPROXY_NOWPAYMENTS_BASE_URL = _server.base_url
    settings.NPROXY_NOWPAYMENTS_API_KEY = API_KEY
    settings.NPROXY_NOWPAYMENTS_IPN_SECRET = (IPN_SECRET,)
    settings.NPROXY_NOWPAYMENTS_COINS = ("usdttrc20", "BTC", "eth", "xrp")
    settings.NPROXY_NOWPAYMENTS_PAYOUT_COIN = "usdttrc20"
    settings.NPROXY_NOWPAYMENTS_SPACING = 0.001
    return _server


@pytest.fixture
def till(sandbox: RunningProcessor) -> Till:
    return sandbox.till


@pytest.fixture
def adapter(sandbox: RunningProcessor) -> NowPayments:
    return NowPayments()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Someone who is called back at 127.0.0.1, until the block ends."""
    one = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            one.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(one.answers.pop(0) if one.answers else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        one.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/webhooks/nowpayments/"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield one
        server.shutdown()
        thread.join()
