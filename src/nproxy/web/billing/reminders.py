"""The link under every reminder: no more of these, without a login."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def off(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, because programs that look through mails follow links. POST does it, from the page's button or
    from a mail program's own (RFC 8058), which brings no cookie: the signed `token` stands for the person."""
    user_id = queries.silenced_by(token)
    if user_id is not None and request.method == "POST":
        subscriptions.set_reminders(user_id=user_id, wanted=False, now=timezone.now())
    context = {"is_known": user_id is not None, "is_done": request.method == "POST"}
    return render(request, "billing/reminders_off.html", context, status=404 if user_id is None else 200)
