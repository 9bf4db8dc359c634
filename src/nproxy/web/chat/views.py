"""The chat: begin, show, send. The page lane; JSON and HTML from the same views."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nproxy.conversations import actions as conversations
from nproxy.conversations import queries
from nproxy.generations.actions import Started
from nproxy.web.chat.answers import REFUSALS, explains_refusals, refused, see_other
from nproxy.web.chat.pages import chat, empty_chat, kept, listed, some_turns
from nproxy.web.chat.sending import read, send, send_again, send_first
from nproxy.web.chat.showing import one
from nproxy.web.signed_in import people_only, person, wants_json


@require_http_methods(["GET", "HEAD", "POST"])
@people_only
def begin(request: HttpRequest) -> HttpResponse:
    """GET: an empty chat. POST: a new conversation, with its first turn when a form brings one."""
    if request.method != "POST":
        if wants_json(request):
            return JsonResponse({"conversations": listed(person(request))})
        return empty_chat(request, kept(request.GET.dict()))
    user_id, now = person(request), timezone.now()
    if "prompt" not in request.POST:
        conversation_id = conversations.open_conversation(user_id=user_id, now=now)
        return JsonResponse({"conversation": conversation_id}, status=201)
    try:
        message = read(request, user_id, now)
        conversation_id, started = send_first(message, user_id=user_id, now=now)
    except REFUSALS as fact:
        return refused(
            request, fact, lambda asked, status: empty_chat(asked, kept(asked.POST.dict()), status)
        )
    return _accepted(request, conversation_id, started)


@require_safe
@people_only
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One conversation; for the page's modules, turns of it alone."""
    if "X-Fragment" in request.headers:
        return some_turns(request, person(request), conversation_id)
    return chat(request, person(request), conversation_id, {})


@require_safe
@people_only
def turn(request: HttpRequest, turn_id: UUID) -> HttpResponse:
    """Where a turn stands: its conversation, scrolled to it."""
    found = queries.turn(person(request), turn_id)
    if found is None:
        raise Http404
    return redirect(f"/chat/{found.conversation_id}/?turn={turn_id}#turn-{turn_id}")


@require_POST
@people_only
def turns(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Send a turn. The page's modules get its fragment, programs its ids, browsers the page."""
    user_id, now = person(request), timezone.now()
    try:
        message = read(request, user_id, now)
        started = send(message, user_id=user_id, conversation_id=conversation_id, now=now)
    except REFUSALS as fact:
        return refused(
            request,
            fact,
            lambda asked, status: chat(asked, user_id, conversation_id, kept(asked.POST.dict()), status),
        )
    return _accepted(request, conversation_id, started)


@require_POST
@people_only
@explains_refusals
def again(request: HttpRequest, turn_id: UUID) -> HttpResponse:
    """The same wish once more, as a new turn of its conversation; with `batch_size` images if that is given."""
    user_id, now = person(request), timezone.now()
    conversation_id, started = send_again(request.POST, user_id=user_id, turn_id=turn_id, now=now)
    return _accepted(request, conversation_id, started)


def _accepted(request: HttpRequest, conversation_id: UUID, started: Started) -> HttpResponse:
    if "X-Fragment" in request.headers:
        item = one(person(request), started.turn_id)
        return render(request, "components/turn.html", {"item": item}, status=201)
    if wants_json(request):
        made = [{"id": generation_id, "status": status} for generation_id, status in started.generations]
        body = {"conversation": conversation_id, "turn": started.turn_id, "generations": made}
        return JsonResponse(body, status=201)
    return see_other(f"/chat/{conversation_id}/")
