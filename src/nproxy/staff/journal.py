"""The audit log: who did what, to what, when, from where and why. To read, to filter, to take along."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateTimeFilter
from unfold.paginator import InfinitePaginator

from nproxy.audit import actions as audit
from nproxy.audit import queries
from nproxy.audit.models import AuditEntry
from nproxy.staff import showing
from nproxy.staff.acting import acting
from nproxy.staff.reading import ReadOnly
from nproxy.staff.spreadsheet import spreadsheet

MOST_ROWS = 100_000
FIELDS = (
    "at", "actor_kind", "actor_id", "actor_name", "origin", "action", "target_kind", "target_id", "before", "after",
    "reason",
)  # fmt: skip


def about(row: AuditEntry) -> str:
    return f"{row.target_kind} {row.target_id}"


def who(row: AuditEntry) -> str:
    return row.actor_name or row.actor_kind


class ByAction(DropdownFilter):
    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(action, action) for action in queries.actions_seen()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(action=self.value()) if self.value() else queryset


class ByTime(RangeDateTimeFilter):
    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.title = _("time")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = (
        showing.when("at", _("When")),
        "action",
        showing.of(about, _("What")),
        showing.of(who, _("Who")),
        "actor_kind",
        "origin",
        "reason",
    )
    list_filter = (ByAction, "actor_kind", "target_kind", ("at", ByTime))
    search_fields = ("=target_id", "actor_name", "=origin")
    search_help_text = _("Who, from where, or the number of what it was done to")
    ordering = ("-id",)
    sortable_by = ()
    paginator = InfinitePaginator
    fields = (
        ("at", "action"),
        ("target_kind", "target_id"),
        ("actor_name", "actor_kind"),
        ("origin", "actor_id"),
        "reason",
    )
    panels = ("staff/journal/fields.html",)

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="audit_auditentry_export"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if getattr(response, "context_data", None):
            there = f"{reverse('admin:audit_auditentry_export')}?{request.GET.urlencode()}"
            response.context_data["actions_list"] = [self.link(_("Export as CSV"), "download", there)]  # type: ignore[attr-defined]
        return response

    def export(self, request: HttpRequest) -> HttpResponse:
        """The entries that the list's filters leave, newest first; itself an entry."""
        rows = self.get_changelist_instance(request).get_queryset(request).values_list(*FIELDS)[:MOST_ROWS]
        answer = spreadsheet("audit", FIELDS, ([_cell(value) for value in row] for row in rows.iterator()))
        after: dict[str, object] = {"filters": request.GET.urlencode()}
        about_all = ("page", "audit/auditentry")
        audit.record(
            actor=acting(request), action="audit.exported", target=about_all, now=timezone.now(), after=after
        )
        return answer

    def panel_context(self, request: HttpRequest, target: AuditEntry, now: Any) -> dict[str, Any]:
        return {"entry": target}


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
