"""What stands beside every page of a signed-in person: conversations by day, files to fetch, what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from nproxy.assets import queries as assets
from nproxy.assets.queries import ExportView
from nproxy.conversations import queries as conversations
from nproxy.conversations.rules import mark_of
from nproxy.generations import queries as generations
from nproxy.kit import live
from nproxy.subscriptions import queries as subscriptions


@dataclass(frozen=True)
class Day:
    """The conversations last touched on one day, newest first."""

    name: str
    lines: list[conversations.ConversationLine]


@dataclass(frozen=True)
class Rail:
    cursor: str
    days: list[Day]
    mark: str
    starts_today: bool
    pending: int
    subscription: subscriptions.Subscription
    exports: list[ExportView]


def context(request: HttpRequest) -> dict[str, object]:
    """Context processor: `rail`, asked for only by templates that show it."""
    # No user in the async lane, nor where a request is refused before it is known who asks.
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"rail": SimpleLazyObject(lambda: _rail(user.pk, timezone.now()))}


def _rail(user_id: int, now: datetime) -> Rail:
    cursor = str(live.current(user_id))
    lines, today = conversations.of_user(user_id), timezone.localdate(now)
    starts_today = bool(lines) and timezone.localdate(lines[0].touched_at) >= today
    waiting = [
        export for export in assets.exports(user_id, now) if export.status == "ready" and not export.fetched
    ]
    return Rail(
        cursor=cursor,
        days=by_day(lines, today),
        mark=mark_of((line.id, line.title) for line in lines),
        starts_today=starts_today,
        pending=generations.open_count(user_id),
        subscription=subscriptions.subscription(user_id, now),
        exports=waiting,
    )


def by_day(lines: Sequence[conversations.ConversationLine], today: date) -> list[Day]:
    """`lines` (newest first) under the names of their days."""
    return [
        Day(day_name(day, today), list(group))
        for day, group in groupby(lines, key=lambda line: timezone.localdate(line.touched_at))
    ]


def day_name(day: date, today: date) -> str:
    """`Today`, `Yesterday`, a weekday within the last week, else the date, with its year if not this one."""
    if day >= today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    if day > today - timedelta(days=7):
        return date_format(day, "l")
    return date_format(day, "j E" if day.year == today.year else "j E Y")
