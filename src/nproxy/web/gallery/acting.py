"""What a person does with the pictures they chose: favour, delete, and have back what was deleted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nproxy.assets import actions as assets
from nproxy.generations import actions as generations
from nproxy.web.chat.answers import done, explains_refusals, see_other, tell_deleted
from nproxy.web.gallery.choosing import picture_ids
from nproxy.web.signed_in import by_script, people_only, person


@require_POST
@people_only
def favour(request: HttpRequest) -> HttpResponse:
    """Make the chosen pictures favourites, or plain again with `wanted=0`."""
    wanted = request.POST.get("wanted", "1") == "1"
    ids = picture_ids(request.POST)
    assets.mark_favourites(user_id=person(request), asset_ids=ids, wanted=wanted, now=timezone.now())
    return done(request, {"favourite": wanted})


@require_POST
@people_only
def delete(request: HttpRequest) -> HttpResponse:
    """Delete the chosen pictures. `undo` in the answer is what `undo` wants to hear."""
    now = timezone.now()
    count = generations.delete_pictures(user_id=person(request), asset_ids=picture_ids(request.POST), now=now)
    if by_script(request):
        return JsonResponse({"deleted": count, "undo": now.isoformat()})
    if count:
        tell_deleted(request, _("Image deleted.") if count == 1 else _("Images deleted."), now)
    # The page that a form stood on may have been the picture's own.
    return see_other("/gallery/")


@require_POST
@people_only
@explains_refusals
def delete_turn(request: HttpRequest, turn_id: UUID) -> HttpResponse:
    """Delete a turn with its images."""
    now = timezone.now()
    generations.delete_turn(user_id=person(request), turn_id=turn_id, now=now)
    if not by_script(request):
        tell_deleted(request, _("Message and images deleted."), now)
    return done(request, {"turn": turn_id, "deleted": True, "undo": now.isoformat()})


@require_POST
@people_only
@explains_refusals
def undo(request: HttpRequest) -> HttpResponse:
    """Give back what was deleted at the moment in `undo`."""
    deleted_at = _moment(request.POST.get("undo", ""))
    if deleted_at is None:
        raise generations.NotRestorable
    count = generations.restore(user_id=person(request), deleted_at=deleted_at, now=timezone.now())
    if not by_script(request):
        messages.success(request, _("It is back."))
    return done(request, {"restored": count})


def _moment(text: str) -> datetime | None:
    """A moment as a delete answered it; None for anything else."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None
