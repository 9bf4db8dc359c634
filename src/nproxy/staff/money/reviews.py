"""Money that waits for a decision, and what was decided before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from nproxy.billing.models import Review
from nproxy.kit.money import coin_text
from nproxy.staff.money.deciding import ACCEPT, CLOSE, NEXT_CYCLE, REFUND
from nproxy.staff.money.telling import payment_table
from nproxy.staff.reading import ReadOnly
from nproxy.staff.showing import WARN, cents, of, state, when
from nproxy.staff.tables import Table, link


def buyer(row: Review) -> str:
    """Whose money it is, as far as anyone knows."""
    return row.order.user.email if row.order else "–"


def came(row: Review) -> str:
    """What arrived, and how much was asked for."""
    payment = row.payment
    if payment is None:
        return "–"
    asked = coin_text(payment.pay_amount) if payment.pay_amount is not None else "?"
    return f"{coin_text(payment.actually_paid)} / {asked} {payment.pay_coin}"


class Waiting(admin.SimpleListFilter):
    """The queue is what one comes for."""

    title = _("Standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Waits for a decision")), ("decided", _("Decided"))]

    def queryset(self, request: HttpRequest, rows: Any) -> Any:
        if self.value() is None:
            return rows
        return rows.filter(resolved_at__isnull=self.value() == "waiting")


@admin.register(Review)
class ReviewAdmin(ReadOnly):
    list_display = (
        of(lambda row: row.pk, _("Number")),
        state("reason", _("Why"), {}),
        of(buyer, _("Person")),
        of(came, _("Came / asked for")),
        of(lambda row: cents(row.order.price_cents) if row.order else "–", _("Price")),
        when("opened_at", _("Waiting since")),
        state("outcome", _("Decided"), {"refund": WARN}),
    )
    list_filter = (Waiting, "reason", "outcome")
    list_select_related = ("order__user", "payment")
    search_fields = ("order__id", "payment__payment_id")
    ordering = (F("resolved_at").desc(nulls_first=True), "opened_at", "pk")
    fields = ("reason", "order", "payment", "opened_at", "outcome", "resolved_at", "resolved_by", "note")
    audited_as = "review"
    watched = ("outcome", "resolved_at")
    acts = (ACCEPT, NEXT_CYCLE, REFUND, CLOSE)
    panels = ("staff/tables.html",)

    def about(self, target: Review) -> Sequence[tuple[str, object]]:
        opened = [("order", target.order_id)] if target.order_id else []
        return [("review", target.pk), *opened]

    def panel_context(self, request: HttpRequest, target: Review, now: datetime) -> dict[str, Any]:
        facts = Table(
            _("What it is about"),
            (_("Person"), _("Order"), _("Payment"), _("Came / asked for"), _("Price")),
            [
                (
                    buyer(target),
                    link(target.order),
                    link(target.payment),
                    came(target),
                    cents(target.order.price_cents) if target.order else "–",
                )
            ],
        )
        tables = [facts]
        if target.order:
            tables.append(payment_table(target.order))
        return {"tables": tables}
