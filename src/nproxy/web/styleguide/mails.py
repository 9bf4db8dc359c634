"""Every mail that a person can get, as text and as HTML, in the language of the page."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from nproxy.billing import queries as billing
from nproxy.notifications import queries as notifications
from nproxy.notifications.rules import Letter
from nproxy.subscriptions import queries as subscriptions
from nproxy.web.account.mails import LETTERS

# Mails are styled inline, as mail programs want it.
LIKE_A_MAIL_PROGRAM = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    return render(request, "styleguide/mails.html", {"letters": _letters(timezone.now())})


@require_safe
def one_mail(request: HttpRequest, kind: str, part: str) -> HttpResponse:
    letter = _letters(timezone.now()).get(kind)
    if letter is None:
        raise Http404
    text, html = notifications.parts(letter)
    if part == "txt":
        return HttpResponse(text, content_type="text/plain; charset=utf-8")
    return HttpResponse(html, headers={"Content-Security-Policy": LIKE_A_MAIL_PROGRAM})


def _letters(now: datetime) -> dict[str, Letter]:
    context = {
        "activate_url": "https://nproxy.example/accounts/confirm-email/key/",
        "password_reset_url": "https://nproxy.example/accounts/password/reset/key/",
        "timestamp": now,
        "ip": "203.0.113.7",
    }
    return {
        **{kind: write(context) for kind, write in LETTERS.items()},
        **billing.sample_letters(now),
        **subscriptions.sample_letters(now),
    }
