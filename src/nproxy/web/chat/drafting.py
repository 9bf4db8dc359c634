"""The draft of a conversation's composer: `GET` and `PUT /chat/<conversation>/draft/`, JSON only."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from nproxy.assets.queries import PictureView
from nproxy.conversations import actions as conversations
from nproxy.conversations import queries
from nproxy.conversations.rules import Composed
from nproxy.generations.rules import MODES
from nproxy.providers.rules import CAPABILITIES
from nproxy.web import words
from nproxy.web.chat.answers import explains_refusals
from nproxy.web.chat.composer import MODEL
from nproxy.web.chat.sending import BadForm
from nproxy.web.chat.showing import picture_json
from nproxy.web.signed_in import people_only, person


@require_http_methods(["GET", "HEAD", "PUT"])
@people_only
@explains_refusals
def draft(request: HttpRequest, conversation_id: UUID | None = None) -> HttpResponse:
    """What stands unsent in the composer. PUT replaces it; 204. Without a conversation: the empty chat's."""
    user_id = person(request)
    if request.method == "PUT":
        conversations.keep_draft(
            user_id=user_id, conversation_id=conversation_id, composed=read(request.body), now=timezone.now()
        )
        return HttpResponse(status=204)
    if conversation_id and queries.line(user_id, conversation_id) is None:
        raise conversations.UnknownConversation(conversation_id)
    composed, pictures = queries.draft(user_id, conversation_id) or (Composed(), [])
    return JsonResponse(_json(composed, pictures))


def read(body: bytes) -> Composed:
    """The draft that a page sends; what is no choice is not kept, so it can never come back. Raises BadForm."""
    try:
        given = json.loads(body)
        told = {name: str(given.get(name) or "").replace("\0", "") for name in TEXTS}
        sources = tuple(dict.fromkeys(UUID(str(source)) for source in given.get("sources") or ()))
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise BadForm({"": [words.problem("", "unknown")]}) from None
    can = CAPABILITIES[MODEL]
    choices = {
        "mode": MODES,
        "resolution": can.resolutions,
        "aspect_ratio": can.aspect_ratios,
        "batch_size": tuple(map(str, can.batch_sizes)),
        "strength": tuple(step.name for step in can.strengths),
    }
    kept = {name: told[name] if told[name] in known else "" for name, known in choices.items()}
    batch_size = int(kept.pop("batch_size") or 0)
    return Composed(told["prompt"], batch_size=batch_size, source_ids=sources[: can.max_sources], **kept)


TEXTS = ("prompt", "mode", "resolution", "aspect_ratio", "batch_size", "strength")


def _json(composed: Composed, pictures: list[PictureView]) -> dict[str, Any]:
    told = {name: getattr(composed, name) for name in TEXTS}
    return told | {"sources": [picture_json(picture) for picture in pictures]}
