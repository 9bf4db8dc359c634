"""The list of generations, and the page of one: what happened to it, attempt by attempt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.paginator import InfinitePaginator

from nproxy.accounts.rules import Right
from nproxy.generations.models import Generation
from nproxy.providers.models import Attempt
from nproxy.staff import showing
from nproxy.staff.acting import may
from nproxy.staff.pictures import acts, course, filters, looking
from nproxy.staff.pictures.words import STATUSES, WHY
from nproxy.staff.reading import ReadOnly


def waited(row: Generation) -> str:
    return showing.lasted((row.started_at - row.queued_at).total_seconds() if row.started_at else None)


def took(row: Generation) -> str:
    return showing.lasted((row.finished_at - row.queued_at).total_seconds() if row.finished_at else None)


def owner(row: Generation) -> SafeString:
    there = reverse("admin:accounts_user_change", args=[row.user_id])
    return format_html('<a class="staff-link" href="{}">{}</a>', there, row.user.email)


def reason(row: Generation) -> str:
    return str(WHY.get(row.error_code, showing.NOTHING))


def settings_of(row: Generation) -> str:
    turn = row.turn
    parts = [turn.mode.replace("_", " "), turn.resolution, turn.aspect_ratio, turn.strength]
    return " · ".join(part for part in parts if part)


@admin.register(Generation)
class GenerationAdmin(ReadOnly):
    list_display = (
        showing.when("queued_at", _("Asked for")),
        "user",
        showing.state("status", _("Status"), STATUSES),
        "error_code",
        showing.of(waited, _("In line")),
        showing.of(took, _("In all")),
    )
    list_select_related = ("user",)
    list_filter = (
        ("status", ChoicesDropdownFilter),
        filters.ByError,
        filters.ByKey,
        ("user", AutocompleteSelectFilter),
        ("queued_at", RangeDateTimeFilter),
    )
    search_fields = ("user__email",)
    search_help_text = _("E-mail, person's number, generation's id, or the reference from an error")
    # Ids grow with time, and the primary key's index serves this order.
    ordering = ("-id",)
    sortable_by = ()
    paginator = InfinitePaginator

    audited_as = "generation"
    watched = ("status", "ordinal", "error_code", "deleted_at")
    acts = (acts.CANCEL, acts.RETRY)
    panels = ("staff/pictures/course.html",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    (showing.state("status", _("Status"), STATUSES), "error_code"),
                    (showing.of(reason, _("Why")), "error_reference"),
                    (showing.of(owner, _("Whose")), showing.of(settings_of, _("Asked for"))),
                    (showing.when("queued_at", _("When")), showing.of(took, _("In all"))),
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [field for _name, options in self.fieldsets for line in options["fields"] for field in line]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return (filters.found(queryset, search_term) if search_term else queryset), False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("picture/<str:ticket>/", view(looking.picture), name="generations_generation_picture"),
            path("<uuid:object_id>/look/", view(self.look), name="generations_generation_look"),
            *super().get_urls(),
        ]

    def look(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        target = (
            Generation.objects.filter(pk=object_id, deleted_at=None).select_related("turn", "user").first()
        )
        if target is None:
            raise Http404
        return looking.look(self, request, target)

    def panel_context(self, request: HttpRequest, target: Generation, now: datetime) -> dict[str, Any]:
        attempts = list(
            Attempt.objects.filter(work=target.pk).select_related("key", "proxy").order_by("started_at", "id")
        )
        scale = course.scale(target.queued_at, target.finished_at, attempts, now)
        return {
            "attempts": [
                {
                    "attempt": attempt,
                    "bar": scale.bar(attempt.started_at, attempt.finished_at or now),
                    "kind": showing.VERDICTS.get(attempt.verdict, ""),
                }
                for attempt in attempts
            ],
            "waiting": scale.bar(target.queued_at, target.started_at or target.finished_at or now),
            "whole": (scale.end - scale.begin).total_seconds(),
            "cost": sum(attempt.cost_microusd or 0 for attempt in attempts),
            "may_look": may(request, Right.PRIVATE) and target.deleted_at is None,
        }
