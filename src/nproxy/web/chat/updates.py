"""The long poll: everything live for one person, held open until something changes. The async lane."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from nproxy.billing import queries as billing
from nproxy.conversations import queries as conversations
from nproxy.generations import queries as generations
from nproxy.kit import live
from nproxy.kit.languages import spoken
from nproxy.kit.live_listener import together
from nproxy.subscriptions import queries as subscriptions
from nproxy.web.billing.showing import order_json
from nproxy.web.chat.showing import generation_json
from nproxy.web.gallery.notices import notices
from nproxy.web.languages import of_browser
from nproxy.web.signed_in import Asker, asker

LONGEST_WAIT = 25


async def updates(request: HttpRequest) -> HttpResponse:
    """200 with what changed after `after`, 204 when nothing did within `wait` seconds, 401 signed out."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    person = await asker(request)
    if person is None:
        with spoken(of_browser(request)):
            words = _("You are signed out. Log in and try again.")
        return _fresh(JsonResponse({"errors": {"": [words]}}, status=401))
    try:
        after = int(request.GET.get("after", "0"))
        wait = min(max(int(request.GET.get("wait", "0")), 0), LONGEST_WAIT)
    except ValueError:
        with spoken(person.language):
            words = _("A whole number, please.")
        return _fresh(JsonResponse({"errors": {"after": [words]}}, status=400))
    if not await live.wait(person.id, after, wait):
        return _fresh(HttpResponse(status=204))
    return _fresh(JsonResponse(await together(person.id, _news, person, after)))


def _news(person: Asker, after: int) -> dict[str, Any]:
    """What changed, in the words of the person's language: this runs in a thread that knows no other."""
    with spoken(person.language):
        return _told(person.id, after)


def _told(user_id: int, after: int) -> dict[str, Any]:
    now = timezone.now()
    news = generations.news(user_id, after)
    return {
        "cursor": news.cursor,
        "now": now,
        "quota": subscriptions.subscription(user_id, now).quota,
        "orders": [order_json(order) for order in billing.changed(user_id, after)],
        "notices": notices(user_id, after),
        "pending": generations.open_count(user_id),
        "conversations": conversations.list_mark(user_id),
        "generations": [generation_json(view) for view in news.generations],
    }


def _fresh(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response
