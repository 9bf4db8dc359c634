"""Keys at providers, and every call that was made with them."""

from __future__ import annotations

from django.contrib import admin

from nproxy.providers.models import Attempt, ProviderKey
from nproxy.staff.reading import ReadOnly


@admin.register(ProviderKey)
class ProviderKeyAdmin(ReadOnly):
    list_display = ("label", "provider", "tail", "state", "cooldown_until", "failures", "state_reason")
    list_filter = ("provider", "state")
    exclude = ("sealed_secret", "fingerprint")
    audited_as = "key"
    watched = ("state", "state_reason", "cooldown_until", "proxy", "label")


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    list_display = ("started_at", "key", "route", "verdict", "http_status", "detail", "finished_at")
    list_filter = ("verdict", "provider")
    list_select_related = ("key",)
    search_fields = ("work",)
