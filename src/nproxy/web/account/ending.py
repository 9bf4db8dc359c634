"""Ending a sign-in, all the others, or the account."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import auth, messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from nproxy.accounts import actions as accounts
from nproxy.accounts.rules import normal_email
from nproxy.billing import queries as billing
from nproxy.generations import actions as generations
from nproxy.notifications import actions as notifications
from nproxy.subscriptions import queries as subscriptions
from nproxy.web.account.adapter import acting
from nproxy.web.account.visits import sign_in_id
from nproxy.web.signed_in import people_only, person


class MoneyInFlight(Exception):
    """Money of this person is under way, or waits for a decision."""


@require_POST
@people_only
def end(request: HttpRequest, ended_id: UUID) -> HttpResponse:
    """Sign out in one browser; in this one too, if it is this one."""
    try:
        accounts.end_sign_in(user_id=person(request), sign_in_id=ended_id)
    except accounts.UnknownSignIn:
        raise Http404 from None
    messages.success(request, _("Signed out there."))
    return HttpResponseRedirect("/accounts/")


@require_POST
@people_only
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    ended = accounts.end_others(user_id=person(request), kept_id=sign_in_id(request))
    words = ngettext("Signed out in %(n)d other place.", "Signed out in %(n)d other places.", ended)
    messages.success(request, words % {"n": ended})
    return HttpResponseRedirect("/accounts/")


@require_http_methods(["GET", "HEAD", "POST"])
@people_only
def delete(request: HttpRequest) -> HttpResponse:
    """GET says what goes and what stays. POST deletes the account, if `email` is typed as a confirmation."""
    error = ""
    if request.method == "POST":
        error = _refusal(request)
        if not error:
            auth.logout(request)
            messages.success(request, _("Your account is deleted. Thank you for drawing with us."))
            return HttpResponseRedirect("/")
    user_id = person(request)
    page = {
        "error": error,
        "is_blocked": billing.money_in_flight(user_id),
        "subscription": subscriptions.subscription(user_id, timezone.now()),
    }
    return render(request, "account/delete.html", page, status=409 if error else 200)


def _refusal(request: HttpRequest) -> str:
    """Delete the account; the words for why not, "" when it is gone."""
    user = cast(AbstractBaseUser, request.user)
    if normal_email(request.POST.get("email", "")) != user.get_username():
        return _("This is not the address of your account. Type it as it stands above.")
    try:
        _delete(user)
    except accounts.AlreadySo:
        return ""  # another tab was faster
    except MoneyInFlight:
        return _("Not now: money of yours is under way. Nothing was deleted.")
    except accounts.StillInCharge:
        return _("This account runs the site. Another operator has to take its role away first.")
    return ""


@transaction.atomic
def _delete(user: AbstractBaseUser) -> None:
    """What crosses rooms is put together here: what the person made goes, then the account; the books stay."""
    actor, now = acting(user), timezone.now()
    generations.erase(user_id=user.pk, reason="account deleted", actor=actor, now=now)
    notifications.forget_mails_to(recipient=user.get_username())
    # Last: every other row about a person is written first, and theirs is looked at when that transaction ends.
    accounts.delete(user_id=user.pk, actor=actor, now=now)
    if billing.money_in_flight(user.pk):
        raise MoneyInFlight
