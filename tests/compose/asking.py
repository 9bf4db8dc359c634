"""One request at a time over a connection of its own, as a program makes it: any name, any method, any form."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

# Longer than Caddy waits for web.
PATIENCE = 120


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass(frozen=True)
class Door:
    """The site at a port of this machine, known by `name`; without `tls`, over plain HTTP. Keeps its cookies."""

    name: str
    port: int
    tls: ssl.SSLContext | None
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer, whatever its status. Raises OSError, HTTPException where there is none."""
        sent = {"Host": f"{self.name}:{self.port}"} | dict(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        with closing(self._line()) as line:
            line.request(method, path, body, sent)
            answer = line.getresponse()
            text = answer.read().decode(errors="replace")
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.update({name: one.value for name, one in SimpleCookie(cookie).items()})
        return Answer(answer.status, answer.headers, text)

    def fill_in(self, path: str, **fields: str) -> Answer:
        """The answer to a form of ours, sent from the page that has it; its address first, as the page asks for it."""
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', self.ask(path).text)[:1]
        body = urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"https://{self.name}:{self.port}",
        }
        return self.ask(path, method="POST", body=body, headers=headers)

    def _line(self) -> http.client.HTTPConnection:
        # By number: not every machine knows names under `localhost`.
        line = http.client.HTTPConnection(self.name, self.port, timeout=PATIENCE)
        line.sock = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        if self.tls:
            line.sock = self.tls.wrap_socket(line.sock, server_hostname=self.name)
        return line
