"""What is for sale, who has bought it, and what is left of it."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from nproxy.quota.models import Quota
from nproxy.staff.pricing import CHANGE
from nproxy.staff.reading import ReadOnly
from nproxy.staff.showing import WARN, cents, labelled, of
from nproxy.subscriptions.models import Cycle, Plan

PRICE = of(lambda row: cents(row.price_cents), _("Price"), ordering="price_cents")


def standing(quota: Quota) -> str:
    """A word for what is odd, and none for what is as it should be."""
    return str(_("suspended")) if quota.suspended else ""


@admin.register(Plan)
class PlanAdmin(ReadOnly):
    list_display = ("name", PRICE, "request_limit", "is_active")
    fields = ("name", PRICE, "request_limit", "sales_text", "is_active")
    readonly_fields = (PRICE,)
    audited_as = "plan"
    watched = ("name", "price_cents", "request_limit", "sales_text", "is_active")
    acts = (CHANGE,)


@admin.register(Cycle)
class CycleAdmin(ReadOnly):
    list_display = ("user", "source", "starts_at", "ends_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    audited_as, audited_by = "user", "user_id"  # what is done about access is done to its owner


@admin.register(Quota)
class QuotaAdmin(ReadOnly):
    list_display = (
        "user",
        "limit",
        "used",
        "held",
        labelled(standing, _("Standing"), {"suspended": WARN}, ordering="suspended"),
        "opens_at",
        "closes_at",
    )
    list_select_related = ("user",)
    search_fields = ("user__email",)
    audited_as, audited_by = "user", "user_id"
