"""The landing page, terms and privacy."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from nproxy.kit.money import dollars
from nproxy.subscriptions import queries as subscriptions
from nproxy.web.chat.starters import STARTERS

DAY = 24 * 60 * 60
# When the words of landing/terms.html last changed; each order keeps the one that was accepted with it.
TERMS_VERSION = "2026-11-22"


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, the composer, the plan. Whoever is logged in already goes where the work is."""
    if request.user.is_authenticated:
        return redirect("/chat/")
    plan = subscriptions.active_plan()
    page = {"plan": plan, "price": plan and dollars(plan.price_cents), "starters": STARTERS}
    return render(request, "landing/landing.html", page)


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "landing/terms.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "landing/privacy.html")


@require_safe
@cache_control(public=True, max_age=DAY)
def favicon(request: HttpRequest) -> HttpResponse:
    """For whoever asks without having read a page, which names the mark itself."""
    return redirect(static("img/mark.svg"))
