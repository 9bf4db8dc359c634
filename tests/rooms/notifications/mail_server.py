"""A mail server of a few lines that speaks real SMTP (RFC 5321) and can be in a bad mood."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer


class MailServer(ThreadingTCPServer):
    """`answers` maps a verb, or BODY, to what is said instead of 250; None says nothing until the client leaves."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.answers: dict[str, str | None] = {}
        self.received: list[EmailMessage] = []


class Conversation(StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 mail.test at your service")
        while line := self.rfile.readline():
            verb = line[:4].decode().upper().strip()
            answer = self.server.answers.get(verb, "354 go on" if verb == "DATA" else "250 fine")
            if answer is None:
                self.rfile.read()
                return
            self.say(answer)
            if verb == "DATA":
                self.take_body()
            if verb == "QUIT":
                return

    def take_body(self) -> None:
        lines = list(iter(self.rfile.readline, b".\r\n"))
        answer = self.server.answers.get("BODY") or "250 taken"
        if answer.startswith("250"):
            self.server.received.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self.say(answer)

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@contextmanager
def serving() -> Iterator[MailServer]:
    """A mail server on a free port of this machine, in threads of its own."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
