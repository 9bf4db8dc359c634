"""A program that uses the site by its addresses, and does not give up when an answer fails to come."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from tests.journeys.stack import Login

ACCEPTED = 201
AGAIN_SECONDS = 0.5
PATIENCE_SECONDS = 90


class Client:
    """Signed in, with one conversation."""

    def __init__(
        self, site: str, login: Login, tls: ssl.SSLContext | None = None, timeout: float = 30
    ) -> None:
        self._site, self._timeout = site, timeout
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._cookies), urllib.request.HTTPSHandler(context=tls)
        )
        self._ask("/accounts/login/")
        self._ask("/accounts/login/", {"login": login.email, "password": login.password})
        self._conversation = self.begin()

    def begin(self) -> str:
        """A new conversation. Asked for once: raises whatever comes in the answer's place."""
        return str(json.loads(self._ask("/chat/", {})[1])["conversation"])

    def send(self, prompt: str, images: int) -> list[UUID]:
        """The generations of one accepted turn, however often it had to be sent."""
        wish = {
            "prompt": prompt,
            "mode": "text_to_image",
            "resolution": "1K",
            "aspect_ratio": "1:1",
            "batch_size": str(images),
            "client_id": str(uuid4()),
        }
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                _, answer = self._ask(f"/chat/{self._conversation}/turns/", wish)
                return [UUID(made["id"]) for made in json.loads(answer)["generations"]]
            except (OSError, http.client.HTTPException) as trouble:
                if isinstance(trouble, urllib.error.HTTPError) and trouble.code < 500:
                    raise
                if time.monotonic() > give_up:
                    raise
            time.sleep(AGAIN_SECONDS)

    def generations(self) -> list[dict[str, Any]]:
        """All that the page would show."""
        told = json.loads(self._ask(f"/chat/{self._conversation}/")[1])
        return [generation for turn in told["turns"] for generation in turn["generations"]]

    def picture(self, address: str) -> bytes:
        return self._ask(address)[1]

    def _ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
        token = next((cookie.value or "" for cookie in self._cookies if cookie.name == "csrftoken"), "")
        request = urllib.request.Request(
            self._site + path,
            None if form is None else urlencode(form).encode(),
            {"Accept": "application/json", "X-CSRFToken": token, "Origin": self._site},
        )
        with self._opener.open(request, timeout=self._timeout) as answer:
            return answer.status, answer.read()
