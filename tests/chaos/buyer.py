"""People who buy through the site's HTTP, and do not give up when an answer fails to come."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from tests.journeys.stack import ROOT, Stack

T = TypeVar("T")

AGAIN_SECONDS = 0.5
# A create call that died with its worker is given up after half a minute.
PATIENCE_SECONDS = 300
COIN = "usdcsol"

# People and their sessions, made in one process: hundreds of logins would meet the limits of the login page.
MAKE_PEOPLE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "nproxy.config.settings"
import django
django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from nproxy.accounts.models import User
for number in range(int(sys.argv[1])):
    person = User(email=f"buyer{number}@example.com")
    person.set_unusable_password()
    person.save()
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    print(session.session_key)
"""


class Refused(Exception):
    """An answer, and it is no."""


def make_buyers(stack: Stack, processor: str, count: int, step: Callable[[], None]) -> list[Buyer]:
    """So many people, signed in. `step` is called whenever one of them has come further."""
    made = subprocess.run(
        [sys.executable, "-c", MAKE_PEOPLE, str(count)],
        cwd=ROOT,
        env=stack.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return [Buyer(stack.site, processor, session, step) for session in made.stdout.split()]


class Buyer:
    """One person with a browser open."""

    def __init__(self, site: str, processor: str, session: str, step: Callable[[], None]) -> None:
        self._site = site
        self._processor = processor
        self._step = step
        token = "c" * 32
        self._headers = {
            "Accept": "application/json",
            "Cookie": f"sessionid={session}; csrftoken={token}",
            "X-CSRFToken": token,
        }

    def buy(self) -> str:
        """Order, choose a coin, wait for the address, pay exactly. The order's id."""
        order = self._further(self._order)
        self._further(lambda: self._choose(order))
        address = self._further(lambda: self._address(order))
        self._further(lambda: self._pay(address))
        return order

    def settled(self, order: str) -> str | None:
        """The order's status once nothing more is to come."""
        status = self._insist(lambda: self._ask(f"/billing/orders/{order}/"))["status"]
        return str(status) if status != "open" else None

    def _order(self) -> str:
        return str(self._ask("/billing/orders/", {})["order"])

    def _choose(self, order: str) -> bool:
        self._ask(f"/billing/orders/{order}/coin/", {"coin": COIN})
        return True

    def _address(self, order: str) -> str | None:
        shown = self._ask(f"/billing/orders/{order}/")
        if shown["state"] == "trouble":
            self._choose(order)
            return None
        return (shown["payment"] or {}).get("address") or None

    def _pay(self, address: str) -> bool:
        with urllib.request.urlopen(f"{self._processor}/sandbox/payments", timeout=30) as answer:
            payments = json.load(answer)["payments"]
        number = next(one["payment_id"] for one in payments if one["pay_address"] == address)
        order = urllib.request.Request(
            f"{self._processor}/sandbox/payments/{number}/pay",
            b'{"deed": "exactly"}',
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(order, timeout=30).close()
        return True

    def _ask(self, path: str, form: dict[str, str] | None = None) -> Any:
        content = None if form is None else urlencode(form).encode()
        with urllib.request.urlopen(
            urllib.request.Request(self._site + path, content, self._headers), timeout=30
        ) as answer:
            return json.load(answer)

    def _further(self, step: Callable[[], T | None]) -> T:
        done = self._insist(step)
        self._step()
        return done

    def _insist(self, step: Callable[[], T | None]) -> T:
        """What the step gives once it gives anything; the web process may be dead meanwhile."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                if (found := step()) is not None:
                    return found
            except urllib.error.HTTPError as answer:
                # 409: the list of coins has not come yet.
                if answer.code < 500 and answer.code != 409:
                    raise Refused(f"{answer.code} {answer.read()[:200]!r}") from None
            except (OSError, http.client.HTTPException):
                pass
            if time.monotonic() > give_up:
                raise AssertionError("no answer")
            time.sleep(AGAIN_SECONDS)
