"""Generations: what people asked for, and why it did or did not come to a picture."""

from __future__ import annotations

from django.contrib import admin

from nproxy.generations.models import Generation
from nproxy.staff.reading import ReadOnly


@admin.register(Generation)
class GenerationAdmin(ReadOnly):
    list_display = ("id", "user", "status", "error_code", "queued_at", "finished_at")
    list_filter = ("status", "error_code")
    list_select_related = ("user",)
    search_fields = ("id", "user__email", "error_reference")
    exclude = ("turn", "asset", "lease_token")
    audited_as = "generation"
    watched = ("status", "ordinal")
