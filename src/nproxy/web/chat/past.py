"""What a person has asked for before, to ask for it again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from nproxy.conversations import queries as conversations
from nproxy.web.searching import looked_for
from nproxy.web.signed_in import people_only, person


@require_safe
@people_only
def prompts(request: HttpRequest) -> HttpResponse:
    """The person's own prompts with `q` in them, the latest first, each once."""
    return JsonResponse({"prompts": conversations.prompts(person(request), looked_for(request.GET))})
