"""The answers that Django gives by itself (400, 403, 404, 500): a page for browsers, JSON for programs.

Named in `config.urls` (handler400 and so on) and in the settings (CSRF_FAILURE_VIEW). Their pages have no forms,
so none is `requires_csrf_token`: that would read the body once more, which may be what could not be read.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nproxy.web import staging
from nproxy.web.signed_in import by_script, is_for_people_only, signed_out

NOT_READ = _("This request could not be read.")
NOT_YOURS = _("This is not yours to open.")
NOT_THERE = _("There is nothing here.")
TOO_OLD = _("This form was too old. Reload the page and send it again.")
BROKEN = _("Something broke on our side. Try again in a moment.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 400, "bad_request", NOT_READ) or render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 403, "forbidden", NOT_YOURS) or render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 404, "not_found", NOT_THERE) or render(request, "404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Asks neither session nor database: one of them may be what broke."""
    answer = _told(request, 500, "internal", BROKEN)
    return answer or HttpResponse(render_to_string("500.html", staging.context(request)), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token. A program that is signed out as well hears of that, as it would with a token."""
    if by_script(request) and is_for_people_only(request) and not request.user.is_authenticated:
        return signed_out(request)
    return _told(request, 403, "csrf", TOO_OLD) or render(request, "403_csrf.html", status=403)


def _told(request: HttpRequest, status: int, code: str, words: Promise) -> HttpResponse | None:
    """The JSON for a program, None for a browser."""
    if not by_script(request):
        return None
    response = JsonResponse({"errors": {"": [words]}, "code": code}, status=status)
    patch_vary_headers(response, ("Accept",))
    return response
