"""Payments at the processor, as it showed them each time it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from nproxy.billing.models import Payment, PaymentEvent
from nproxy.kit.money import coin_text
from nproxy.staff.exporting import Exported
from nproxy.staff.showing import BAD, GOOD, NEWS, WARN, ago, of, state, when
from nproxy.staff.tables import Table, link

KINDS = {"finished": GOOD, "partially_paid": WARN, "failed": BAD, "confirming": NEWS, "sending": NEWS}


@admin.register(Payment)
class PaymentAdmin(Exported):
    list_display = (
        "payment_id",
        state("status", _("State"), KINDS),
        "pay_coin",
        of(lambda row: coin_text(row.actually_paid), _("Came"), ordering="actually_paid"),
        when("found_at", _("Found")),
        when("observed_at", _("Last read")),
        when("next_poll_at", _("Read again")),
        "success_told_by",
    )
    list_filter = ("status", "pay_coin", "success_told_by")
    search_fields = ("payment_id", "parent_payment_id", "transaction", "attempt__order__user__email")
    ordering = ("-pk",)
    audited_as = "payment"
    exported_as = "payments"
    exports: ClassVar = {
        "payment": "payment_id",
        "parent": "parent_payment_id",
        "found_at": "found_at",
        "status": "status",
        "coin": "pay_coin",
        "asked": "pay_amount",
        "came": "actually_paid",
        "valued_cents": "received_cents",
        "transaction": "transaction",
        "first_told_by": "success_told_by",
        "order": "attempt__order",
        "email": "attempt__order__user__email",
    }
    panels = ("staff/tables.html",)

    def about(self, target: Payment) -> Sequence[tuple[str, object]]:
        """Nobody acts on a payment but by its callbacks, its reviews and what goes back of it."""
        return [
            ("payment", target.pk),
            *(("payment_event", event.pk) for event in _events(target)),
            *(("review", review.pk) for review in target.reviews.all()),
            *(("refund", refund.pk) for refund in target.refunds.all()),
        ]

    def panel_context(self, request: HttpRequest, target: Payment, now: datetime) -> dict[str, Any]:
        order = target.attempt.order if target.attempt else None
        belongs = Table(
            _("Belongs to"), (_("Order"), _("Person")), [(link(order), link(order and order.user))]
        )
        return {"tables": [belongs, _readings(target, now), _callbacks(target, now)]}


def _readings(payment: Payment, now: datetime) -> Table:
    return Table(
        _("Readings that showed something new"),
        (_("When"), _("State"), _("Came"), _("Because of"), _("Price"), _("Reference")),
        [
            (
                ago(one.observed_at, now),
                one.status_word,
                f"{coin_text(one.actually_paid)} {one.pay_coin}",
                one.told_by,
                f"{one.price_cents} {one.price_currency}",
                one.ref,
            )
            for one in payment.observations.order_by("pk")
        ],
    )


def _events(payment: Payment) -> QuerySet[PaymentEvent]:
    told = PaymentEvent.objects.filter(processor=payment.processor, payment_id=payment.payment_id)
    return told.order_by("pk")


def _callbacks(payment: Payment, now: datetime) -> Table:
    return Table(
        _("Callbacks"),
        (_("Event"), _("When"), _("It tells"), _("Outcome")),
        [
            (link(one, one.pk), ago(one.received_at, now), one.told, one.outcome or None)
            for one in _events(payment)
        ],
    )
