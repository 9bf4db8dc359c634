"""The dashboard: how things stand, in what a person may see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from nproxy.billing import queries as billing
from nproxy.conversations import queries as conversations
from nproxy.kit import live
from nproxy.subscriptions import queries as subscriptions
from nproxy.web.billing.showing import shown
from nproxy.web.signed_in import people_only, person, wants_json

RECENT = 5
LAST_ORDERS = 3


@require_safe
@people_only
def dashboard(request: HttpRequest) -> HttpResponse:
    """The subscription's state, and the quota as a bucket of twenty percent."""
    user_id = person(request)
    cursor, now = str(live.current(user_id)), timezone.now()
    subscription = subscriptions.subscription(user_id, now)
    if wants_json(request):
        standing = {"state": subscription.state, "ends_at": subscription.ends_at}
        return JsonResponse({"subscription": standing, "quota": subscription.quota})
    context = {
        "cursor": cursor,
        "subscription": subscription,
        "recent": conversations.of_user(user_id, limit=RECENT),
        "orders": [shown(order, now) for order in billing.orders_of(user_id)[:LAST_ORDERS]],
        "plan": subscriptions.active_plan(),
    }
    return render(request, "dashboard/dashboard.html", context)
