"""The account's own page: who one is here, and which mails one wants."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries
from nproxy.web.signed_in import people_only, person


@require_http_methods(["GET", "HEAD", "POST"])
@people_only
def account(request: HttpRequest) -> HttpResponse:
    """GET shows it. POST switches the reminders on (`reminders=on`) or off."""
    user_id = person(request)
    if request.method == "POST":
        wanted = "reminders" in request.POST
        subscriptions.set_reminders(user_id=user_id, wanted=wanted, now=timezone.now())
        messages.success(request, _("Saved."))
        return HttpResponseRedirect("/accounts/")
    return render(request, "account/own.html", {"reminders": queries.wants_reminders(user_id)})
