"""The processor's book beside ours: asked for here, compared by the worker, kept as a report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor
from nproxy.billing import actions as billing
from nproxy.billing.models import Order, Payment, Reconciliation
from nproxy.staff.acts import Act, ActForm, Takes, Words
from nproxy.staff.reading import ReadOnly
from nproxy.staff.showing import BAD, GOOD, cents, labelled, of, when
from nproxy.staff.tables import Table, link


def reconcile(target: None, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    billing.ask_for_report(actor=actor, now=now)
    return _("The worker reads every payment now. Its report appears here; open this page again in a while.")


RECONCILE = Act(
    name="reconcile",
    label=gettext_lazy("Reconcile now"),
    question=gettext_lazy(
        "The worker reads every payment of the last weeks at the processor, settles what is news, and compares both books."
    ),
    icon="balance",
    needs=Right.MONEY,
    takes=Takes.NOTHING,
    form=ActForm,
    perform=reconcile,
    refusals={billing.CheckoutClosed: gettext_lazy("No payment processor is set up.")},
)


def outcome(report: Reconciliation) -> str:
    """Whether everything was read, and every cent that arrived has become something."""
    is_clean = not report.unread and not report.differences and report.theirs_cents == report.ours_cents
    return "clean" if is_clean else "differs"


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnly):
    FIGURES = (
        of(lambda row: cents(row.theirs_cents), gettext_lazy("Theirs"), ordering="theirs_cents"),
        of(lambda row: cents(row.ours_cents), gettext_lazy("Ours"), ordering="ours_cents"),
        of(lambda row: cents(row.theirs_cents - row.ours_cents), gettext_lazy("Difference")),
    )
    list_display = (
        "id",
        when("made_at", gettext_lazy("Made")),
        labelled(outcome, gettext_lazy("Outcome"), {"clean": GOOD, "differs": BAD}),
        *FIGURES,
        "read",
        of(lambda row: len(row.differences), gettext_lazy("Payments that differ")),
        of(lambda row: len(row.unread), gettext_lazy("Not read")),
        "asked_by",
    )
    ordering = ("-pk",)
    fields = (("made_at", "asked_by"), FIGURES, ("read", "activated"), ("in_review", "unvalued"))
    acts = (RECONCILE,)
    audited_as = "page"
    panels = ("staff/tables.html",)

    def about(self, target: Reconciliation) -> Sequence[tuple[str, object]]:
        """Reports stay as they are: what is done is to ask for one."""
        return [billing.BOOKS]

    def panel_context(self, request: HttpRequest, target: Reconciliation, now: datetime) -> dict[str, Any]:
        return {"tables": [_differences(target.differences), _unread(target.unread)]}


def _differences(lines: Sequence[dict[str, Any]]) -> Table:
    payments = _payments([line["payment_id"] for line in lines])
    orders = Order.objects.in_bulk([line["order_id"] for line in lines if line["order_id"]])
    by_id = {str(pk): order for pk, order in orders.items()}
    return Table(
        _("Payments on which the books differ"),
        (_("Payment"), _("Order"), _("Theirs"), _("Value"), _("Ours")),
        [
            (
                link(payments.get(line["payment_id"]), line["payment_id"]),
                link(by_id.get(line["order_id"])),
                line["status"],
                cents(line["theirs_cents"]),
                line["ours"] or _("nothing"),
            )
            for line in lines
        ],
    )


def _unread(payment_ids: Sequence[str]) -> Table:
    payments = _payments(payment_ids)
    return Table(
        _("Payments that the processor did not show"),
        (_("Payment"), _("State as we know it")),
        [
            (link(payments.get(one), one), payments[one].status if one in payments else "–")
            for one in payment_ids
        ],
    )


def _payments(payment_ids: Sequence[str]) -> dict[str, Payment]:
    return {one.payment_id: one for one in Payment.objects.filter(payment_id__in=payment_ids)}
