"""Who asks: for the async lane, which has no session middleware, and for views that people alone may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from nproxy.kit.threads import in_database
from nproxy.web.languages import of_browser

if TYPE_CHECKING:
    from nproxy.accounts.models import User

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Asker:
    """A signed-in person, and the language to answer in."""

    id: int
    language: str


async def asker(request: HttpRequest) -> Asker | None:
    """Who asks, None for anyone who is not signed in. One database step.

    The same checks as in the sync lane: the session is alive, its hash still fits the password, the
    person is not blocked.
    """
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    user = await in_database(_user_of, key) if key else None
    return Asker(user.pk, user.language or of_browser(request)) if user else None


async def person_id(request: HttpRequest) -> int | None:
    """The id of the signed-in person, None for anyone else."""
    person = await asker(request)
    return person.id if person else None


def _user_of(session_key: str) -> User | None:
    opened = HttpRequest()
    store = cast(type[SessionBase], import_module(settings.SESSION_ENGINE).SessionStore)
    opened.session = store(session_key)
    user = auth.get_user(opened)
    return user if user.is_authenticated else None


def person(request: HttpRequest) -> int:
    """The id of the person behind a request that `people_only` let through."""
    return cast(int, request.user.pk)


def wants_json(request: HttpRequest) -> bool:
    """Whether the client asked for JSON rather than a page (browsers ask for text/html first)."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def by_script(request: HttpRequest) -> bool:
    """Whether a program or our page's modules ask, rather than a browser that follows a link or a form."""
    return "X-Fragment" in request.headers or wants_json(request)


def signed_out(request: HttpRequest) -> HttpResponse:
    """What a person hears who has to log in first: 401 for programs, the login page for browsers."""
    if by_script(request):
        return JsonResponse({"errors": {"": [_("You are signed out. Log in and try again.")]}}, status=401)
    return redirect_to_login(request.get_full_path(), login_url="/accounts/login/")


def people_only(view: View) -> View:
    """A view of the page lane for signed-in people alone."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return signed_out(request)
        response = view(request, *args, **kwargs)
        # One person's page, and one address for a page and its JSON: caches must not mix either up.
        patch_vary_headers(response, ("Accept", "Cookie"))
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    guarded.people_only = True  # type: ignore[attr-defined]  # read by `is_for_people_only`
    return guarded


def is_for_people_only(request: HttpRequest) -> bool:
    """Whether the view that `request` was meant for is one of `people_only`."""
    match = request.resolver_match
    return match is not None and getattr(match.func, "people_only", False)
