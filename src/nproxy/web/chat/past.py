"""What a person has asked for before, to ask for it again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from nproxy.conversations import queries as conversations
from nproxy.web.signed_in import people_only, person

LONGEST_SEARCH = 200


@require_safe
@people_only
def prompts(request: HttpRequest) -> HttpResponse:
    """The person's own prompts with `q` in them, the latest first, each once."""
    search = request.GET.get("q", "").replace("\0", "")[:LONGEST_SEARCH]
    return JsonResponse({"prompts": conversations.prompts(person(request), search)})
