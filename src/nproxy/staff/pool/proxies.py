"""Proxies: whether they carry, who uses them, and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.views import ChangeList

from nproxy.providers import queries
from nproxy.providers.models import Attempt, Proxy
from nproxy.providers.queries import ProxyLine
from nproxy.staff.pool.proxy_acts import ACTS
from nproxy.staff.reading import ReadOnly
from nproxy.staff.showing import BAD, GOOD, NOTHING, ago, clipped, labelled, lasted, of, two_lines, when

STATES = {"in use": GOOD, "skipped": BAD}
ATTEMPTS_SHOWN = 20


class Lines(ChangeList):
    """The list, each row with what its routes of the last 24 hours say: one question for all rows."""

    result_list: Iterable[Any]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        lines = {line.id: line for line in queries.proxies(timezone.now())}
        # One that was removed meanwhile is left out.
        self.result_list = [proxy for proxy in self.result_list if proxy.pk in lines]
        for proxy in self.result_list:
            proxy.line = lines[proxy.pk]


def line_of(proxy: Proxy) -> ProxyLine:
    """The row's figures. Raises Http404 for a proxy that was removed meanwhile."""
    if not hasattr(proxy, "line"):
        lines = queries.proxies(timezone.now())
        proxy.line = next((line for line in lines if line.id == proxy.pk), None)  # type: ignore[attr-defined]  # as Lines does
    found: ProxyLine | None = proxy.line  # type: ignore[attr-defined]  # no field: hung there by Lines, or here
    if found is None:
        raise Http404
    return found


def status(proxy: Proxy) -> str:
    return line_of(proxy).status


def required(proxy: Proxy) -> str:
    """Whether its keys may go around it."""
    return str(_("required") if proxy.is_required else NOTHING)


def keys(proxy: Proxy) -> str:
    """Those that go out by it."""
    return ", ".join(line_of(proxy).keys) or NOTHING


def carried(proxy: Proxy) -> str:
    """Of the last 24 hours."""
    line = line_of(proxy)
    return f"{line.routes - line.failed} / {line.routes}" if line.routes else NOTHING


def latency(proxy: Proxy) -> str:
    return lasted(line_of(proxy).seconds)


def last_error(proxy: Proxy) -> SafeString | str:
    """Redacted when it was written down."""
    return clipped(proxy.last_error)


def name(proxy: Proxy) -> SafeString:
    """With its address."""
    return two_lines(proxy.name, proxy.address)


def record(proxy: Proxy) -> SafeString:
    """What it carried in the last 24 hours, then how long that took."""
    return two_lines(carried(proxy), "" if line_of(proxy).seconds is None else latency(proxy))


def failure(proxy: Proxy) -> SafeString:
    """When it failed last, and of what."""
    return two_lines(ago(proxy.last_failure_at, timezone.now()), proxy.last_error)


STATUS = labelled(status, gettext_lazy("State"), STATES)
REQUIRED = of(required, gettext_lazy("Required"), ordering="is_required")
KEYS = of(keys, gettext_lazy("Keys"))
LAST_SUCCESS = when("last_success_at", gettext_lazy("Last success"))
FACTS = (
    STATUS,
    REQUIRED,
    KEYS,
    of(carried, gettext_lazy("Carried, 24 h")),
    of(latency, gettext_lazy("Latency")),
    LAST_SUCCESS,
    when("last_failure_at", gettext_lazy("Last failure")),
    of(last_error, gettext_lazy("Last error")),
)


@admin.register(Proxy)
class ProxyAdmin(ReadOnly):
    list_display = (
        of(name, gettext_lazy("Proxy"), ordering="name"),
        STATUS,
        REQUIRED,
        KEYS,
        of(record, gettext_lazy("Carried, 24 h")),
        LAST_SUCCESS,
        of(failure, gettext_lazy("Last failure"), ordering="last_failure_at"),
    )
    search_fields = ("name", "address")
    ordering = ("id",)
    fields = ("name", "address", *FACTS, "failures", "created_at")
    readonly_fields = FACTS
    audited_as = "proxy"
    watched = ("name", "address", "is_required", "skipped_at")
    acts = ACTS
    panels = ("staff/pool/proxy_keys.html", "staff/pool/attempts.html")

    class Media:
        css: ClassVar = {"all": ("staff/pool.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Lines

    def panel_context(self, request: HttpRequest, target: Proxy, now: datetime) -> dict[str, Any]:
        made = Attempt.objects.filter(proxy=target).select_related("proxy").order_by("-started_at")
        return {
            "keys": target.keys.order_by("id"),
            "attempts": made[:ATTEMPTS_SHOWN],
            "of_what": f"proxy__id__exact={target.pk}",
        }
