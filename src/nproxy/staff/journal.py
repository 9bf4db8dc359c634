"""The audit log: who did what, to what, when, from where and why."""

from __future__ import annotations

from django.contrib import admin

from nproxy.audit.models import AuditEntry
from nproxy.staff.reading import ReadOnly


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "actor_kind", "actor_name", "action", "target_kind", "target_id", "reason")
    list_filter = ("actor_kind", "action", "target_kind")
    search_fields = ("target_id", "actor_name")
