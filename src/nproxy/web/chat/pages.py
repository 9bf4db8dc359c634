"""The chat's two pages, rendered: an empty chat, and a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from nproxy.conversations import queries as conversations
from nproxy.conversations.rules import Composed
from nproxy.kit import live, secrets
from nproxy.web.chat.boxes import ELONGATED
from nproxy.web.chat.composer import Composer, composer, settings_of
from nproxy.web.chat.showing import ShownTurn, shown, turn_json
from nproxy.web.chat.starters import STARTERS
from nproxy.web.signed_in import person, wants_json

# What a page that refused a form shows again; its client_id is spent.
KEPT = ("prompt", "resolution", "aspect_ratio", "batch_size", "strength")


def kept(form: Mapping[str, str]) -> dict[str, str]:
    """Those values of a posted form that its page shows again."""
    return {name: form[name] for name in KEPT if name in form}


def listed(user_id: int) -> list[dict[str, object]]:
    """The person's conversations for a program, the last touched first."""
    return [
        {"id": line.id, "title": line.title, "touched_at": line.touched_at}
        for line in conversations.of_user(user_id)
    ]


def empty_chat(request: HttpRequest, given: Mapping[str, str], status: int = 200) -> HttpResponse:
    """The composer alone, with starters. Its settings are those of the person's newest turn anywhere."""
    user_id = person(request)
    before = conversations.last_asked(user_id)
    context = {
        "composer": _composer(user_id, None, "/chat/", given, before),
        "starters": STARTERS,
        "elongated": ELONGATED,
    }
    return render(request, "chat/chat.html", context, status=status)


def whole_chat(
    request: HttpRequest, user_id: int, conversation_id: UUID, given: Mapping[str, str], status: int = 200
) -> HttpResponse:
    """A conversation with all its turns. Raises Http404 when it is not this person's."""
    # Read before the turns: what changes in between is then told twice rather than never.
    cursor = live.current(user_id)
    line = conversations.line(user_id, conversation_id)
    if line is None:
        raise Http404
    turns = shown(user_id, conversations.transcript(user_id, conversation_id))
    if wants_json(request):
        return JsonResponse(_json(line, turns, cursor))
    before = settings_of(turns[-1].turn) if turns else conversations.last_asked(user_id)
    context = {
        "conversation_id": line.id,
        "title": line.title,
        "turns": turns,
        "cursor": str(cursor),
        "composer": _composer(user_id, line.id, f"/chat/{line.id}/turns/", given, before),
        "starters": () if turns else STARTERS,
        "elongated": ELONGATED,
    }
    return render(request, "chat/chat.html", context, status=status)


def _composer(
    user_id: int, conversation_id: UUID | None, action: str, given: Mapping[str, str], before: Composed
) -> Composer:
    """With the draft that was kept here, if one was; else empty, with the settings of `before`."""
    composed, pictures = conversations.draft(user_id, conversation_id) or (before, [])
    alias = secrets.alias(str(user_id), place="browser")
    return composer(action, given, person=alias, composed=composed, pictures=pictures)


def _json(line: conversations.ConversationLine, turns: list[ShownTurn], cursor: int) -> dict[str, object]:
    return {
        "conversation": line.id,
        "title": line.title,
        "turns": [turn_json(item) for item in turns],
        "cursor": cursor,
    }
