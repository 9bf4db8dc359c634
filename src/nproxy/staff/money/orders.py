"""Orders: what was sold, how it is being paid, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor
from nproxy.billing import actions as billing
from nproxy.billing.models import Order, Refund
from nproxy.kit.ids import short_code
from nproxy.staff.acts import Act, Words
from nproxy.staff.exporting import Exported
from nproxy.staff.money.telling import (
    address_table,
    attempt_table,
    payment_table,
    refund_table,
    review_table,
)
from nproxy.staff.showing import GOOD, NEWS, WARN, cents, of, state, when

PRICE = of(lambda row: cents(row.price_cents), gettext_lazy("Price"), ordering="price_cents")
KINDS = {"open": NEWS, "paid": GOOD, "review": WARN}


def open_review(target: Order, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    number = billing.open_review(order_id=target.pk, reason=data["reason"], actor=actor, now=now)
    return _("It is review %(number)s now: accept, refund or close it there.") % {"number": number}


REVIEW = Act(
    name="review",
    label=gettext_lazy("Put before the desk"),
    question=gettext_lazy(
        "Opens a review by hand, whatever the processor says: to activate the order, or refund it."
    ),
    icon="gavel",
    needs=Right.MONEY,
    perform=open_review,
    refusals={
        billing.AlreadyResolved: gettext_lazy("A review by hand is open for it already."),
        billing.UnknownOrder: gettext_lazy("It is not there any more."),
    },
)


@admin.register(Order)
class OrderAdmin(Exported):
    list_display = (
        of(lambda row: short_code(row.pk), gettext_lazy("Order")),
        state("status", gettext_lazy("State"), KINDS),
        "user",
        "plan_name",
        PRICE,
        when("created_at", gettext_lazy("Ordered")),
        when("status_at", gettext_lazy("In this state")),
    )
    list_filter = ("status", "created_at")
    list_select_related = ("user",)
    search_fields = ("id", "user__email", "attempts__payment_id", "attempts__address")
    ordering = ("-created_at", "-pk")
    fields = (
        ("id", "user"),
        ("plan_name", PRICE),
        ("request_limit", "terms_version"),
        "sales_text",
        ("status", "status_at"),
        ("created_at", "open_until"),
    )
    readonly_fields = (PRICE,)
    audited_as = "order"
    watched = ("status", "status_at")
    acts = (REVIEW,)
    exported_as = "orders"
    exports: ClassVar = {
        "order": "id",
        "ordered_at": "created_at",
        "status": "status",
        "status_at": "status_at",
        "email": "user__email",
        "plan": "plan_name",
        "requests": "request_limit",
        "price_cents": "price_cents",
        "receipt": "receipt__number",
        "paid_in": "receipt__coin",
        "paid": "receipt__amount",
        "payment": "receipt__payment_id",
    }
    panels = ("staff/tables.html",)

    def about(self, target: Order) -> Sequence[tuple[str, object]]:
        return [
            ("order", target.pk),
            *(("review", review.pk) for review in target.reviews.all()),
            *(("refund", refund.pk) for refund in Refund.objects.filter(order=target)),
        ]

    def panel_context(self, request: HttpRequest, target: Order, now: datetime) -> dict[str, Any]:
        tables = [
            attempt_table(target),
            payment_table(target),
            review_table(target, now),
            refund_table(target),
            address_table(target),
        ]
        return {"tables": tables}
