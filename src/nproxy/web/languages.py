"""In which language a page speaks: the one asked for in the address, else the account's, else the browser's."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from nproxy.kit.languages import DEFAULT, LANGUAGES
from nproxy.web.security import STAFF_PREFIX

# `?lang=ru`: how the links at the foot of public pages switch, and how search engines find both versions.
PARAMETER = "lang"


class Languages:
    """Middleware of the page lane, behind whatever finds out who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = _asked_for(request)
        language = asked or _account(request) or of_browser(request)
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", translation.get_language() or DEFAULT)
        if asked:
            _remember(response, asked)
        return response


def of_browser(request: HttpRequest) -> str:
    """What this browser chose on a page of ours, else what it asks for in its headers. Operators' pages: English."""
    if request.path_info.startswith(STAFF_PREFIX):
        return DEFAULT
    return translation.get_language_from_request(request)


def _asked_for(request: HttpRequest) -> str:
    asked = request.GET.get(PARAMETER, "")
    return asked if asked in LANGUAGES and not request.path_info.startswith(STAFF_PREFIX) else ""


def _account(request: HttpRequest) -> str:
    """The account's choice. Whoever has no session costs no query: health checks come without one."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path_info.startswith(STAFF_PREFIX):
        return ""
    return request.user.language if request.user.is_authenticated else ""


def _remember(response: HttpResponseBase, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
