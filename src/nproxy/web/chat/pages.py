"""The chat's two pages, rendered: an empty chat, and a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render

from nproxy.conversations import queries as conversations
from nproxy.conversations.queries import Stretch
from nproxy.conversations.rules import Composed
from nproxy.kit import live, secrets
from nproxy.web.chat.boxes import ELONGATED
from nproxy.web.chat.composer import Composer, composer, settings_of
from nproxy.web.chat.showing import ShownTurn, shown, turn_json
from nproxy.web.chat.starters import STARTERS
from nproxy.web.gallery.choosing import as_id
from nproxy.web.signed_in import person, wants_json

# So many of a conversation's turns stand on its page; older ones come when one asks for them.
AT_ONCE = 20
# So many turns that it misses a page may ask for at once.
MOST_MISSED = 50

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


def chat(
    request: HttpRequest, user_id: int, conversation_id: UUID, given: Mapping[str, str], status: int = 200
) -> HttpResponse:
    """A conversation: its newest turns, or those that the address asks for (`before` a turn, with a `turn` among them).

    All of it for programs. Raises Http404 when it is not this person's.
    """
    # Read before the turns: what changes in between is then told twice rather than never.
    cursor = live.current(user_id)
    line = conversations.line(user_id, conversation_id)
    if line is None:
        raise Http404
    if wants_json(request):
        return JsonResponse(_json(line, shown(user_id, conversations.transcript(user_id, line.id)), cursor))
    stretch = _stretch(user_id, line.id, request.GET)
    turns = stretch.turns
    before = conversations.last_asked(user_id) if stretch.has_later or not turns else settings_of(turns[-1])
    context = _turns(user_id, line.id, stretch) | {
        "title": line.title,
        "has_later": stretch.has_later,
        "cursor": str(cursor),
        "composer": _composer(user_id, line.id, f"/chat/{line.id}/turns/", given, before),
        "starters": () if turns or stretch.has_later else STARTERS,
        "elongated": ELONGATED,
    }
    return render(request, "chat/chat.html", context, status=status)


def some_turns(request: HttpRequest, user_id: int, conversation_id: UUID) -> HttpResponse:
    """Turns alone, for the page's modules: those named by `only`, else the ones that the page would show.

    Raises Http404 when the conversation is not this person's.
    """
    if conversations.line(user_id, conversation_id) is None:
        raise Http404
    if "only" in request.GET:
        asked = [turn_id for text in request.GET.getlist("only") if (turn_id := as_id(text)) is not None]
        missed = conversations.some(user_id, conversation_id, asked[:MOST_MISSED])
        stretch = Stretch(missed, has_earlier=False, has_later=False)
    else:
        stretch = _stretch(user_id, conversation_id, request.GET)
    return render(request, "chat/turns.html", _turns(user_id, conversation_id, stretch))


def _stretch(user_id: int, conversation_id: UUID, address: QueryDict) -> Stretch:
    before, around = as_id(address.get("before", "")), as_id(address.get("turn", ""))
    return conversations.stretch(user_id, conversation_id, limit=AT_ONCE, before=before, around=around)


def _turns(user_id: int, conversation_id: UUID, stretch: Stretch) -> dict[str, object]:
    return {
        "conversation_id": conversation_id,
        "turns": shown(user_id, stretch.turns),
        "before": stretch.turns[0].id if stretch.has_earlier else None,
    }


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
