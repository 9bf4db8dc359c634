"""The pages that anyone can read, and what search engines ask for beside them."""

from __future__ import annotations

from datetime import date
from email.utils import parseaddr

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from nproxy.kit.addresses import full
from nproxy.kit.money import dollars
from nproxy.subscriptions import queries as subscriptions
from nproxy.web.chat.starters import STARTERS
from nproxy.web.landing.prints import OURS, file_of, prints

DAY = 24 * 60 * 60
# When the words of landing/terms.html last changed; each order keeps the one that was accepted with it.
TERMS_VERSION = "2026-11-26"
PUBLIC = ("/", "/terms/", "/privacy/", "/contact/")
# Private, or of no use to someone who searches.
NOT_FOR_ROBOTS = (
    "/accounts/",
    "/admin/",
    "/billing/",
    "/chat/",
    "/dashboard/",
    "/gallery/",
    "/images/",
    "/updates/",
)


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, the composer, the plan. Whoever is logged in already goes where the work is."""
    if request.user.is_authenticated:
        return redirect("/chat/")
    plan, wall = subscriptions.active_plan(), prints()
    page = {
        "plan": plan,
        "price": plan and dollars(plan.price_cents),
        "starters": STARTERS,
        "prints": wall,
        "are_ours": wall is OURS,
    }
    return render(request, "landing/landing.html", page | shared(_("Say what you want to see.")))


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    page = {"version": date.fromisoformat(TERMS_VERSION)}
    return render(request, "landing/terms.html", page | shared(_("Terms")))


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    page = {"retention_days": settings.NPROXY_RETENTION_DAYS}
    return render(request, "landing/privacy.html", page | shared(_("Privacy")))


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """Where to write: the address that our mails come from, which is read."""
    page = {"contact": parseaddr(settings.NPROXY_EMAIL_FROM)[1]}
    return render(request, "landing/contact.html", page | shared(_("Contact")))


def shared(title: Promise) -> dict[str, object]:
    """What landing/head.html tells others of a page."""
    return {
        "site": settings.NPROXY_BASE_URL.rstrip("/"),
        "share_title": title,
        "share_text": _(
            "A chat that draws: pictures from your words, and new pictures from the ones you have."
        ),
        "share_image": full(static("landing/share.jpg")),
    }


@require_safe
@cache_control(public=True, max_age=DAY)
def print_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture of the operator's own wall."""
    path = file_of(name)
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"))


@require_safe
@cache_control(public=True, max_age=DAY)
def robots(request: HttpRequest) -> HttpResponse:
    """Everything public may be read by robots; nothing of a site that is not the real one."""
    paths = NOT_FOR_ROBOTS if settings.NPROXY_ENV != "staging" else ("/",)
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in paths),
        "",
        f"Sitemap: {full('/sitemap.xml')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=DAY)
def sitemap(request: HttpRequest) -> HttpResponse:
    """The public pages, each in every language."""
    languages = [code for code, _name in settings.LANGUAGES]
    page = {"addresses": [full(path) for path in PUBLIC], "languages": languages}
    return render(request, "landing/sitemap.xml", page, content_type="application/xml")


@require_safe
@cache_control(public=True, max_age=DAY)
def favicon(request: HttpRequest) -> HttpResponse:
    """For whoever asks without having read a page, which names the mark itself."""
    return redirect(static("img/mark.svg"))
