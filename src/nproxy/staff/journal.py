"""The audit log: who did what, to what, when, from where and why. To read, to filter, to take along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateTimeFilter
from unfold.paginator import InfinitePaginator

from nproxy.audit import queries
from nproxy.audit.models import AuditEntry
from nproxy.staff import showing
from nproxy.staff.exporting import Exported

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
class AuditEntryAdmin(Exported):
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
    exported_as = "audit"
    exports: ClassVar = dict(zip(FIELDS, FIELDS, strict=True))

    def about(self, target: AuditEntry) -> Sequence[tuple[str, object]]:
        return [(target.target_kind, target.target_id)]

    def panel_context(self, request: HttpRequest, target: AuditEntry, now: Any) -> dict[str, Any]:
        return {"entry": target}
