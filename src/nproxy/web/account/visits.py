"""Middleware that notes where people are signed in, so that they can see it and end it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from nproxy.accounts import actions as accounts
from nproxy.web.signed_in import person

# In the session: which sign-in it is, under which key it was noted last, and when.
NOTED = "sign_in"
# "Last seen" may be this old; until then a visit costs nothing.
FRESH_SECONDS = 5 * 60


class Visits:
    """Notes the first visit of a session, one under a new key, and one after five minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            _note(request)
        return self.get_response(request)


def sign_in_id(request: HttpRequest) -> UUID | None:
    """The sign-in that this request belongs to."""
    noted: dict[str, Any] = request.session.get(NOTED, {})
    return UUID(noted["id"]) if noted else None


def _note(request: HttpRequest) -> None:
    now = timezone.now()
    noted: dict[str, Any] = request.session.get(NOTED, {})
    is_fresh = now.timestamp() - noted.get("at", 0) < FRESH_SECONDS
    if is_fresh and noted.get("key") == request.session.session_key:
        return
    known = accounts.note_visit(
        user_id=person(request),
        sign_in_id=sign_in_id(request),
        session_key=request.session.session_key or "",
        user_agent=request.headers.get("User-Agent", ""),
        address=get_adapter().get_client_ip(request),
        now=now,
    )
    # Saved with it, the session lives on: whoever comes by is not signed out after two weeks.
    request.session[NOTED] = {"id": str(known), "key": request.session.session_key, "at": now.timestamp()}
