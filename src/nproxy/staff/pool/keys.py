"""Provider keys: who is well, who is not and why, and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.views import ChangeList

from nproxy.providers import queries
from nproxy.providers.models import Attempt, ProviderKey
from nproxy.providers.queries import KeyLine
from nproxy.staff.pool.key_acts import ACTS
from nproxy.staff.reading import ReadOnly
from nproxy.staff.showing import (
    BAD,
    GOOD,
    NEWS,
    NOTHING,
    WARN,
    ago,
    clipped,
    dollars,
    labelled,
    lasted,
    masked,
    of,
    two_lines,
)

STATES = {
    "active": GOOD,
    "cooldown": WARN,
    "out_of_funds": BAD,
    "manual_review": BAD,
    "disabled": NEWS,
}
ATTEMPTS_SHOWN = 20


class Lines(ChangeList):
    """The list, each row with what its attempts of the last 24 hours say: one question for all rows."""

    result_list: Iterable[Any]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        lines = {line.id: line for line in queries.keys(timezone.now())}
        # One that was removed meanwhile is left out.
        self.result_list = [key for key in self.result_list if key.pk in lines]
        for key in self.result_list:
            key.line = lines[key.pk]


def line_of(key: ProviderKey) -> KeyLine:
    """The row's figures. Raises Http404 for a key that was removed meanwhile."""
    if not hasattr(key, "line"):
        lines = queries.keys(timezone.now())
        key.line = next((line for line in lines if line.id == key.pk), None)  # type: ignore[attr-defined]  # as Lines does
    found: KeyLine | None = key.line  # type: ignore[attr-defined]  # no field: hung there by Lines, or here
    if found is None:
        raise Http404
    return found


def status(key: ProviderKey) -> str:
    return line_of(key).status


def name(key: ProviderKey) -> SafeString:
    """Label, then provider, the end of the secret and the account."""
    account = f" · {key.account}" if key.account else ""
    return two_lines(key.label, f"{key.provider} · {masked(key.tail)}{account}")


def since(key: ProviderKey) -> SafeString:
    """Since when it is as it is, and why; a cooldown counts down."""
    line, now = line_of(key), timezone.now()
    if line.cooldown_until is not None:
        left = max(0, int((line.cooldown_until - now).total_seconds()))
        clock = format_html(
            '<time data-until="{}">{}</time>',
            line.cooldown_until.isoformat(),
            f"{left // 60}:{left % 60:02}",
        )
        began = key.cooldown_since or key.state_since
        return two_lines(format_html("{} · {}", ago(began, now), clock), line.status_reason)
    return two_lines(ago(key.state_since, now), line.status_reason)


def in_flight(key: ProviderKey) -> str:
    line = line_of(key)
    return f"{line.in_flight} / {line.max_in_flight}" if line.max_in_flight else str(line.in_flight)


def success(key: ProviderKey) -> str:
    """Of the last 24 hours."""
    line = line_of(key)
    ended = line.attempts - line.in_flight
    return f"{line.successes} / {ended}" if ended > 0 else NOTHING


def latency(key: ProviderKey) -> str:
    return lasted(line_of(key).seconds)


def balance(key: ProviderKey) -> SafeString | str:
    """With its age; `unknown` and `not offered` are no amounts."""
    line = line_of(key)
    if line.balance == queries.NOT_OFFERED:
        return _("not offered")
    amount = _("unknown") if line.balance_microusd is None else dollars(line.balance_microusd)
    age = ago(line.balance_at, timezone.now()) if line.balance_at else _("never asked")
    return two_lines(amount, age)


def proxy(key: ProviderKey) -> str:
    return key.proxy.name if key.proxy else str(_("direct"))


def running(key: ProviderKey) -> SafeString:
    """Its calls under way, then by which proxy they go."""
    return two_lines(in_flight(key), proxy(key))


def record(key: ProviderKey) -> SafeString:
    """Success of the last 24 hours, then how long a picture took."""
    return two_lines(success(key), "" if line_of(key).seconds is None else latency(key))


def last_error(key: ProviderKey) -> SafeString | str:
    """Redacted when it was written down."""
    return clipped(line_of(key).last_error)


def tail(key: ProviderKey) -> str:
    return masked(key.tail)


IN_FLIGHT = of(in_flight, gettext_lazy("In flight"))
SUCCESS = of(success, gettext_lazy("Good, 24 h"))
LATENCY = of(latency, gettext_lazy("Latency"))
BALANCE = of(balance, gettext_lazy("Balance"), ordering="balance_microusd")
PROXY = of(proxy, gettext_lazy("Proxy"), ordering="proxy__name")
LAST_ERROR = of(last_error, gettext_lazy("Last error"))
TAIL = of(tail, gettext_lazy("Ends in"))
SINCE = of(since, gettext_lazy("Since"), ordering="state_since")
STATUS = labelled(status, gettext_lazy("State"), STATES, ordering="state")
# A list has room for some of them in one cell.
RUNNING = of(running, gettext_lazy("In flight"), ordering="proxy__name")
RECORD = of(record, gettext_lazy("Good, 24 h"))
FACTS = (STATUS, SINCE, IN_FLIGHT, SUCCESS, LATENCY, BALANCE, PROXY, LAST_ERROR)


@admin.register(ProviderKey)
class ProviderKeyAdmin(ReadOnly):
    list_display = (
        of(name, gettext_lazy("Key"), ordering="label"),
        STATUS,
        SINCE,
        RUNNING,
        RECORD,
        BALANCE,
        LAST_ERROR,
    )
    list_filter = ("state", "provider", "proxy", "account")
    list_select_related = ("proxy",)
    search_fields = ("label", "account", "tail")
    ordering = ("id",)
    fields = (
        "label",
        "provider",
        TAIL,
        "account",
        *FACTS,
        "failures",
        "max_in_flight",
        "max_per_minute",
        "created_at",
    )
    readonly_fields = (TAIL, *FACTS)
    audited_as = "key"
    watched = ("state", "state_reason", "cooldown_until", "proxy", "label", "account")
    acts = ACTS
    panels = ("staff/pool/attempts.html",)

    class Media:
        css: ClassVar = {"all": ("staff/pool.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Lines

    def panel_context(self, request: HttpRequest, target: ProviderKey, now: datetime) -> dict[str, Any]:
        made = Attempt.objects.filter(key=target).select_related("proxy").order_by("-started_at")
        return {"attempts": made[:ATTEMPTS_SHOWN], "of_what": f"key__id__exact={target.pk}"}
