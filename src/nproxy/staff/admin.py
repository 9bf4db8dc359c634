"""The web admin, for looking only: whatever changes something is a verb of a room, not a form over a table."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from procrastinate.contrib.django.models import ProcrastinateJob
from unfold.admin import ModelAdmin

from nproxy.accounts.models import User
from nproxy.audit.models import AuditEntry
from nproxy.generations.models import Generation
from nproxy.notifications.models import Alert, Mail
from nproxy.providers.models import Attempt, ProviderKey
from nproxy.quota.models import Quota
from nproxy.subscriptions.models import Cycle, Plan

# What libraries bring along: forms over their tables, past the verbs of the rooms.
admin.site.unregister([EmailAddress, Group, ProcrastinateJob])


class ReadOnly(ModelAdmin):
    """Lists and shows; never adds, changes or deletes."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ("email", "role", "is_active", "created_at")
    list_filter = ("role", "is_active")
    search_fields = ("email",)
    exclude = ("password",)


@admin.register(Plan)
class PlanAdmin(ReadOnly):
    list_display = ("name", "price_cents", "request_limit", "is_active")


@admin.register(Cycle)
class CycleAdmin(ReadOnly):
    list_display = ("user", "source", "starts_at", "ends_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)


@admin.register(Quota)
class QuotaAdmin(ReadOnly):
    list_display = ("user", "limit", "used", "held", "suspended", "opens_at", "closes_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)


@admin.register(Generation)
class GenerationAdmin(ReadOnly):
    list_display = ("id", "user", "status", "error_code", "queued_at", "finished_at")
    list_filter = ("status", "error_code")
    list_select_related = ("user",)
    search_fields = ("id", "user__email", "error_reference")
    exclude = ("turn", "asset", "lease_token")


@admin.register(ProviderKey)
class ProviderKeyAdmin(ReadOnly):
    list_display = ("label", "provider", "tail", "state", "cooldown_until", "failures", "state_reason")
    list_filter = ("provider", "state")
    exclude = ("sealed_secret", "fingerprint")


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    list_display = ("started_at", "key", "route", "verdict", "http_status", "detail", "finished_at")
    list_filter = ("verdict", "provider")
    list_select_related = ("key",)
    search_fields = ("work",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "actor_kind", "actor_name", "action", "target_kind", "target_id", "reason")
    list_filter = ("actor_kind", "action")
    search_fields = ("target_id", "actor_name")


@admin.register(Alert)
class AlertAdmin(ReadOnly):
    list_display = ("created_at", "severity", "kind", "subject", "text")
    list_filter = ("severity", "kind")


@admin.register(Mail)
class MailAdmin(ReadOnly):
    list_display = ("created_at", "kind", "recipient", "state", "tries", "last_error", "sent_at")
    list_filter = ("state", "kind")
    search_fields = ("recipient",)
    exclude = ("text", "html")
