"""Every call to a provider, one line each."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from nproxy.providers.models import Attempt
from nproxy.staff.reading import ReadOnly
from nproxy.staff.showing import VERDICTS, dollars, lasted, of, state, when


def time_taken(attempt: Attempt) -> str:
    """How long it lasted, or that it still does."""
    return str(_("under way")) if attempt.seconds is None else lasted(attempt.seconds)


def way(attempt: Attempt) -> str:
    """The road that it took."""
    return attempt.proxy.name if attempt.proxy else str(_("direct"))


def cost(attempt: Attempt) -> str:
    return dollars(attempt.cost_microusd)


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    list_display = (
        when("started_at", _("Began")),
        "key",
        state("verdict", _("Verdict"), VERDICTS),
        of(way, _("Road")),
        of(time_taken, _("Took")),
        "http_status",
        of(cost, _("Cost"), ordering="cost_microusd"),
        "detail",
    )
    list_filter = ("verdict", "provider", "route", "key", "proxy", "is_last_resort")
    list_select_related = ("key", "proxy")
    search_fields = ("work__exact",)
    date_hierarchy = "started_at"
    ordering = ("-started_at",)

    def about(self, target: Attempt) -> Sequence[tuple[str, object]]:
        """Nobody acts on a call: on its generation, and on its key."""
        key = [("key", target.key_id)] if target.key_id else []
        return [("generation", target.work), *key]
