"""The gallery: all pictures of a person, newest first, and each of them at an address of its own."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from nproxy.assets import queries as assets
from nproxy.generations import queries as generations
from nproxy.kit import live
from nproxy.web.gallery.choosing import as_id, as_query, sought
from nproxy.web.gallery.showing import by_month, picture_json, viewer
from nproxy.web.gallery.words import filters
from nproxy.web.signed_in import people_only, person, wants_json

AT_ONCE = 60


@require_safe
@people_only
def gallery(request: HttpRequest) -> HttpResponse:
    """The page; the part of it behind the picture `before` for its modules; JSON for programs."""
    user_id, wanted = person(request), sought(request.GET)
    cursor = str(live.current(user_id))
    before = as_id(request.GET.get("before", ""))
    items = generations.gallery(user_id, wanted, before=before, limit=AT_ONCE + 1)
    shown, last = items[:AT_ONCE], items[AT_ONCE - 1].picture.id if len(items) > AT_ONCE else None
    if wants_json(request):
        return JsonResponse({"images": [picture_json(item) for item in shown], "before": last})
    months = by_month(shown, headed=request.GET.get("month", ""))
    more = as_query(wanted, before=str(last), month=months[-1].key) if last else ""
    context = {"months": months, "more": more, "query": as_query(wanted), "opening": before is None}
    if "X-Fragment" in request.headers:
        return render(request, "gallery/months.html", context)
    beside = {
        "sought": wanted,
        "filters": filters(wanted),
        "exports": assets.exports(user_id, timezone.now()),
    }
    return render(request, "gallery/gallery.html", context | beside | {"cursor": cursor})


@require_safe
@people_only
def image(request: HttpRequest, asset_id: UUID) -> HttpResponse:
    """One picture, large: a page of its own, or the inside of the lightbox for the page's modules."""
    try:
        shown = viewer(person(request), asset_id, sought(request.GET), request.GET.get("in", ""))
    except LookupError:
        raise Http404 from None
    if wants_json(request):
        return JsonResponse(picture_json(shown.item))
    template = "gallery/viewer.html" if "X-Fragment" in request.headers else "gallery/image.html"
    return render(request, template, {"viewer": shown})
