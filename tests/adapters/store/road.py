"""A road to a server on which things happen: a TCP proxy that slows down, cuts off, or answers in the server's place."""

from __future__ import annotations

import re
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

SLOW_DOWN_BODY = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code>'
    b"<Message>Please reduce your request rate.</Message></Error>"
)
SLOW_DOWN = (
    b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(SLOW_DOWN_BODY), SLOW_DOWN_BODY)
)
STEP = 16 * 1024
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class Road:
    """Counts of connections: `busy` are answered with 503 SlowDown, `cut` end after `cut_after` bytes of request."""

    port: int
    endpoint: str = ""
    busy: int = 0
    cut: int = 0
    cut_after: int = 100_000
    pause: float = 0.0
    connections: int = 0

    def carry(self, client: socket.socket) -> None:
        self.connections += 1
        if self.busy > 0:
            self.busy -= 1
            _refuse(client)
            return
        budget = None
        if self.cut > 0:
            self.cut -= 1
            budget = self.cut_after
        with socket.create_connection(("127.0.0.1", self.port)) as server:
            answers = threading.Thread(target=self._pump, args=(server, client, None))
            answers.start()
            self._pump(client, server, budget)
            answers.join()

    def _pump(self, source: socket.socket, sink: socket.socket, budget: int | None) -> None:
        """From one to the other until the source ends; over `budget`, both ends are closed at once."""
        with suppress(OSError):
            while data := source.recv(STEP):
                if budget is not None:
                    budget -= len(data)
                    if budget < 0:
                        source.shutdown(socket.SHUT_RDWR)
                        break
                sink.sendall(data)
                time.sleep(self.pause)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR if budget is not None and budget < 0 else socket.SHUT_WR)


def _refuse(client: socket.socket) -> None:
    """Read the whole request, as a server does, then answer in its place."""
    request = b""
    while b"\r\n\r\n" not in request and (data := client.recv(STEP)):
        request += data
    head, _, body = request.partition(b"\r\n\r\n")
    length = LENGTH.search(head)
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0 and (data := client.recv(STEP)):
        missing -= len(data)
    client.sendall(SLOW_DOWN)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_: object) -> None:
        """A connection that breaks is what the road is for."""


@contextmanager
def road_to(port: int) -> Iterator[Road]:
    """In threads of its own, so that blocking calls can take it."""
    road = Road(port)

    class Carriage(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            road.carry(self.request)

    with _Server(("127.0.0.1", 0), Carriage) as server:
        road.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield road
        finally:
            server.shutdown()
            thread.join()
