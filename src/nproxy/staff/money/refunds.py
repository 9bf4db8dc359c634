"""Money that goes back: what is owed, and that it was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor
from nproxy.billing import actions as billing
from nproxy.billing.models import Refund
from nproxy.kit.money import coin_text
from nproxy.staff.acts import Act, ReasonForm, Words
from nproxy.staff.reading import ReadOnly
from nproxy.staff.showing import BAD, GOOD, WARN, of, state, two_lines, when

REFUSALS: dict[type[Exception], Words] = {
    billing.AlreadyResolved: gettext_lazy("It is not owed any more."),
    billing.UnknownRefund: gettext_lazy("It is not there any more."),
}


class SentForm(ReasonForm):
    transaction = forms.CharField(
        label=gettext_lazy("Transaction"), max_length=255, widget=UnfoldAdminTextInputWidget
    )
    field_order = ("transaction", "reason")


def sent(target: Refund, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    billing.note_refund(
        refund_id=target.pk,
        state="sent",
        transaction_id=data["transaction"],
        reason=data["reason"],
        actor=actor,
        now=now,
    )
    return _("Noted. Its owner gets a mail.")


def failed(target: Refund, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    billing.note_refund(refund_id=target.pk, state="failed", reason=data["reason"], actor=actor, now=now)
    return _("Noted.")


def is_owed(target: Refund, now: datetime) -> bool:
    return target.state == "owed"


SENT = Act(
    name="sent",
    label=gettext_lazy("It was sent"),
    question=gettext_lazy("You have sent it from your own wallet. Its owner is told the transaction."),
    icon="send",
    needs=Right.MONEY,
    form=SentForm,
    perform=sent,
    refusals=REFUSALS,
    offered=is_owed,
)
FAILED = Act(
    name="failed",
    label=gettext_lazy("It failed"),
    question=gettext_lazy("It cannot be sent, or did not arrive."),
    icon="error",
    needs=Right.MONEY,
    perform=failed,
    refusals=REFUSALS,
    offered=is_owed,
    is_dangerous=True,
)


@admin.register(Refund)
class RefundAdmin(ReadOnly):
    list_display = (
        of(lambda row: row.pk, gettext_lazy("Number")),
        state("state", gettext_lazy("State"), {"owed": WARN, "sent": GOOD, "failed": BAD}),
        of(lambda row: f"{coin_text(row.amount)} {row.coin}", gettext_lazy("Amount")),
        of(lambda row: two_lines(row.address, row.transaction), gettext_lazy("Address and transaction")),
        when("recorded_at", gettext_lazy("Recorded")),
    )
    list_filter = ("state", "coin")
    search_fields = ("address", "transaction", "order__id", "order__user__email")
    ordering = ("-pk",)
    audited_as = "refund"
    watched = ("state", "transaction")
    acts = (SENT, FAILED)

    def about(self, target: Refund) -> Sequence[tuple[str, object]]:
        decided = [("review", target.review_id)] if target.review_id else []
        return [("refund", target.pk), *decided]
