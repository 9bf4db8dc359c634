"""Who may come in at /admin/ and for how long; what is turned away there is in the audit log.

A second factor is asked of everyone with a role, in staging and production without exception. In development
it is asked of those who have set one up: the demo's operator can begin at once, and try it out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from nproxy.audit import actions as audit
from nproxy.staff.acting import acting

PREFIX = "/admin/"
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
# How often a visit is written down, in seconds.
GRAIN = 60
SEEN = "staff_seen_at"

Answer = Callable[[HttpRequest], HttpResponse]


class Doors:
    """Middleware of the page lane, after those that know who asks."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return self.get_response(request)
        response = self._turned_away(request) or self.get_response(request)
        if response.status_code == 403 and request.method == "POST":
            _record_refusal(request)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    def _turned_away(self, request: HttpRequest) -> HttpResponse | None:
        if not request.user.is_staff:
            return None  # the admin says no by itself
        if _is_over(request):
            auth.logout(request)
            messages.info(request, _("You were away for a while. Log in again."))
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        return _to_second_factor(request)


def _is_over(request: HttpRequest) -> bool:
    """Whether this visit is idle for too long, or too old; if not, it is written down."""
    now = timezone.now().timestamp()
    proven = max((float(record["at"]) for record in _records(request)), default=now)
    seen = max(float(request.session.get(SEEN, 0)), proven)
    if now - seen > IDLE.total_seconds() or now - proven > LONGEST.total_seconds():
        return True
    if now - request.session.get(SEEN, 0) > GRAIN:
        request.session[SEEN] = now
    return False


def _to_second_factor(request: HttpRequest) -> HttpResponse | None:
    """Where someone has to go who has no second factor, or has not proven it in this session."""
    if is_mfa_enabled(request.user, [Authenticator.Type.TOTP]):  # type: ignore[arg-type]  # signed in
        if any(record["method"] == "mfa" for record in _records(request)):
            return None
        name = "mfa_reauthenticate"
    elif settings.NPROXY_ENV == "development":
        return None
    else:
        messages.info(request, _("Operators need a second factor. Set yours up now."))
        name = "mfa_activate_totp"
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': request.get_full_path()})}")


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    return list(get_authentication_records(request, request.user))  # type: ignore[arg-type]


def _record_refusal(request: HttpRequest) -> None:
    """A forged form, or an act that the role does not allow: nothing was changed, and it is on record."""
    audit.record(
        actor=acting(request),
        action="act.refused",
        target=("page", iri_to_uri(request.path_info[len(PREFIX) :])[:64]),
        now=timezone.now(),
        before=None,
        after={"because": "not allowed"},
    )
