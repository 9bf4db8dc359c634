"""The account's own page: who one is here, how one is spoken to, what one is told, where one is signed in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from nproxy.accounts import actions as accounts
from nproxy.accounts import queries as people
from nproxy.kit.languages import LANGUAGES
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries
from nproxy.web.account.visits import sign_in_id
from nproxy.web.signed_in import people_only, person

PAGE = "/accounts/"


@require_http_methods(["GET", "HEAD", "POST"])
@people_only
def account(request: HttpRequest) -> HttpResponse:
    """GET shows it. POST switches reminders and the notices about finished pictures, each on by being sent."""
    user_id, now = person(request), timezone.now()
    if request.method == "POST":
        wanted = "reminders" in request.POST
        subscriptions.set_reminders(user_id=user_id, wanted=wanted, now=now)
        in_tab, by_icon, by_toast = (way in request.POST for way in ("tab", "icon", "toast"))
        accounts.set_notices(user_id=user_id, in_tab=in_tab, by_icon=by_icon, by_toast=by_toast)
        return _saved(request)
    page = {
        "reminders": queries.wants_reminders(user_id),
        "languages": LANGUAGES.items(),
        "sign_ins": people.sign_ins(user_id, now),
        "here": sign_in_id(request),
    }
    return render(request, "account/own.html", page)


@require_POST
@people_only
def language(request: HttpRequest) -> HttpResponse:
    """Speak `language` from now on, here and in mails."""
    chosen = request.POST.get("language", "")
    try:
        accounts.set_language(user_id=person(request), language=chosen)
    except accounts.UnknownLanguage:
        return HttpResponseRedirect(PAGE)
    with translation.override(chosen):
        return _saved(request)


def _saved(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(PAGE)
