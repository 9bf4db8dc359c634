"""The dashboard: how things stand, in what a person may see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from nproxy.conversations import queries as conversations
from nproxy.subscriptions import queries as subscriptions
from nproxy.web.signed_in import people_only, person, wants_json

RECENT = 5


@require_safe
@people_only
def dashboard(request: HttpRequest) -> HttpResponse:
    """The subscription's state, and the quota as a bucket of twenty percent."""
    user_id = person(request)
    subscription = subscriptions.subscription(user_id, timezone.now())
    if wants_json(request):
        standing = {"state": subscription.state, "ends_at": subscription.ends_at}
        return JsonResponse({"subscription": standing, "quota": subscription.quota})
    recent = conversations.of_user(user_id, limit=RECENT)
    context = {"subscription": subscription, "recent": recent, "plan": subscriptions.active_plan()}
    return render(request, "dashboard/dashboard.html", context)
