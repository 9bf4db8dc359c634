"""What a person does about plan and payments: order, choose a coin, cancel, start the next month. Forms and JSON."""

from __future__ import annotations

from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nproxy.billing import actions as billing
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries
from nproxy.web.account.adapter import acting
from nproxy.web.billing.words import REFUSALS
from nproxy.web.chat.answers import back, see_other
from nproxy.web.landing.views import TERMS_VERSION
from nproxy.web.signed_in import View, by_script, people_only, person


def explains(view: View) -> View:
    """A view whose refusals become words: on the page one came from, or as JSON for programs."""

    @wraps(view)
    def explaining(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except billing.UnknownOrder:
            raise Http404 from None
        except tuple(REFUSALS) as fact:
            words = str(REFUSALS[type(fact)])
        if by_script(request):
            return JsonResponse({"errors": {"": [words]}}, status=409)
        messages.error(request, words)
        return back(request)

    return explaining


@require_POST
@people_only
@explains
def place(request: HttpRequest) -> HttpResponse:
    """Order the plan, under the terms as they are now; the order that is open already, if there is one."""
    user_id, now = person(request), timezone.now()
    if queries.subscription(user_id, now).queued:
        raise subscriptions.AlreadyQueued
    order_id = billing.place_order(user_id=user_id, terms_version=TERMS_VERSION, now=now)
    if by_script(request):
        return JsonResponse({"order": order_id}, status=201)
    return see_other(f"/billing/orders/{order_id}/")


@require_POST
@people_only
@explains
def choose(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Pay the order in the coin of the field `coin`."""
    coin = request.POST.get("coin", "")
    billing.choose_coin(user_id=person(request), order_id=order_id, coin=coin, now=timezone.now())
    return _done(request, order_id)


@require_POST
@people_only
@explains
def cancel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Close an order that nothing was paid for."""
    billing.cancel_order(user_id=person(request), order_id=order_id, now=timezone.now())
    return _done(request, order_id)


@require_POST
@people_only
@explains
def start_now(request: HttpRequest) -> HttpResponse:
    """End the month that runs and start the one that waits."""
    subscriptions.start_now(
        user_id=person(request), actor=acting(cast(AbstractBaseUser, request.user)), now=timezone.now()
    )
    messages.success(request, _("Your next month has started."))
    return see_other("/billing/")


def _done(request: HttpRequest, order_id: UUID) -> HttpResponse:
    if by_script(request):
        return JsonResponse({"order": order_id})
    return see_other(f"/billing/orders/{order_id}/")
