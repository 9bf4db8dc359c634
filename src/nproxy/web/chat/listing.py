"""The list of conversations beside every page: looked through, renamed, deleted."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from nproxy.conversations import actions as conversations
from nproxy.conversations import queries as turns
from nproxy.generations import actions as generations
from nproxy.web.chat.answers import done, explains_refusals, see_other, tell_deleted
from nproxy.web.rail import by_day
from nproxy.web.searching import looked_for
from nproxy.web.signed_in import by_script, people_only, person, wants_json


@require_safe
@people_only
def search(request: HttpRequest) -> HttpResponse:
    """Conversations with these words (`q`) in their title or prompts; all of them without words."""
    text = looked_for(request.GET)
    user_id = person(request)
    lines = turns.search(user_id, text) if text else turns.of_user(user_id)
    if wants_json(request):
        found = [{"id": line.id, "title": line.title, "touched_at": line.touched_at} for line in lines]
        return JsonResponse({"conversations": found})
    today = timezone.localdate()
    context = {"days": by_day(lines, today), "q": text, "today": today}
    fragment = "X-Fragment" in request.headers
    return render(request, "components/rail_days.html" if fragment else "chat/search.html", context)


@require_POST
@people_only
@explains_refusals
def rename(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Another title, as `title`."""
    title = conversations.rename(
        user_id=person(request), conversation_id=conversation_id, title=request.POST.get("title", "")
    )
    return done(request, {"conversation": conversation_id, "title": title})


@require_POST
@people_only
@explains_refusals
def delete(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The conversation with everything in it. `undo` in the answer gives it back (`POST /undo/`)."""
    now = timezone.now()
    generations.delete_conversation(user_id=person(request), conversation_id=conversation_id, now=now)
    if by_script(request):
        return JsonResponse({"conversation": conversation_id, "deleted": True, "undo": now.isoformat()})
    tell_deleted(request, _("Conversation deleted."), now)
    return see_other("/chat/")
