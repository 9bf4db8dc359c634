"""Errors told to Sentry: only where that is wanted, over real HTTP, and never with a secret."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

BREAK = """
import django; django.setup()
import structlog
from django.conf import settings
from nproxy.kit import logs
def draw(prompt):
    raise ValueError("asked with ?key=s3cret and " + settings.SECRET_KEY)
with logs.within(generation="g-1", job=7):
    try:
        draw("a private word")
    except ValueError:
        import logging
        logging.getLogger("nproxy").exception("broke for AQ.abcdefgh12345678")
import sentry_sdk
sentry_sdk.flush(10)
print(settings.SECRET_KEY)
"""


@pytest.fixture
def told() -> Iterator[tuple[str, list[bytes]]]:
    """A server in Sentry's place: its DSN, and the bodies that it was sent."""
    bodies: list[bytes] = []

    class Envelopes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            is_packed = self.headers.get("Content-Encoding") == "gzip"
            bodies.append(gzip.decompress(body) if is_packed else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Quietly."""

    server = HTTPServer(("127.0.0.1", 0), Envelopes)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://public@127.0.0.1:{server.server_port}/1", bodies
    server.shutdown()
    server.server_close()


def run(script: str, **settings: str) -> str:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "nproxy.config.settings", **settings}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_error_is_told_with_its_ids_and_without_any_secret(told: tuple[str, list[bytes]]) -> None:
    dsn, bodies = told
    secret_key = run(BREAK, NPROXY_SENTRY_DSN=dsn)
    everything = b"".join(bodies).decode()
    assert "ValueError" in everything
    assert '"generation":"g-1"' in everything.replace(" ", "")
    for secret in ("s3cret", "a private word", "AQ.abcdefgh12345678", secret_key):
        assert secret not in everything


def test_without_an_address_the_library_is_not_even_loaded() -> None:
    loaded = run(
        "import django, sys; django.setup(); print('sentry_sdk' in sys.modules)", NPROXY_SENTRY_DSN=""
    )
    assert loaded == "False"
