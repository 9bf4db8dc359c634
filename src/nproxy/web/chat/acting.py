"""What a person does with turns and generations that exist: cancel, retry, delete."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nproxy.generations import actions as generations
from nproxy.web.chat.answers import done, explains_refusals, tell_deleted
from nproxy.web.signed_in import by_script, people_only, person


@require_POST
@people_only
@explains_refusals
def cancel_turn(request: HttpRequest, turn_id: UUID) -> HttpResponse:
    """Stop all that is still open of a turn."""
    generations.cancel_turn(user_id=person(request), turn_id=turn_id, now=timezone.now())
    return done(request, {"turn": turn_id})


@require_POST
@people_only
@explains_refusals
def cancel(request: HttpRequest, generation_id: UUID) -> HttpResponse:
    """Stop one generation."""
    generations.cancel(user_id=person(request), generation_id=generation_id, now=timezone.now())
    return done(request, {"generation": generation_id, "status": "canceled"})


@require_POST
@people_only
@explains_refusals
def retry(request: HttpRequest, generation_id: UUID) -> HttpResponse:
    """Put a failed or canceled generation in line again, in its place."""
    generations.retry(user_id=person(request), generation_id=generation_id, now=timezone.now())
    return done(request, {"generation": generation_id, "status": "queued"})


@require_POST
@people_only
@explains_refusals
def delete(request: HttpRequest, generation_id: UUID) -> HttpResponse:
    """Remove a generation and its picture. `undo` in the answer gives them back (`POST /undo/`)."""
    now = timezone.now()
    generations.delete(user_id=person(request), generation_id=generation_id, now=now)
    if not by_script(request):
        tell_deleted(request, _("Image deleted."), now)
    return done(request, {"generation": generation_id, "deleted": True, "undo": now.isoformat()})
