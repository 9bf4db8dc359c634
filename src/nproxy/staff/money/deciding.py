"""The outcomes of a review as acts: each one form, one verb."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor
from nproxy.billing import actions as billing
from nproxy.billing import queries
from nproxy.billing.models import Review
from nproxy.billing.rules.reviews import Outcome
from nproxy.kit.money import coin_text
from nproxy.staff.acts import Act, ReasonForm, Words

REFUSALS: dict[type[Exception], Words] = {
    billing.AlreadyResolved: _("Somebody has decided about it already."),
    billing.StillQueued: _("A month waits already, and only one can. Decide again when it has started."),
    billing.NotOffered: _("That is not possible for this case as it stands."),
    billing.UnknownOrder: _("There is no such order."),
    billing.UnknownReview: _("It is not there any more."),
}


class DecisionForm(ReasonForm):
    """Money that belongs to no order needs one named before it can buy anything."""

    order = forms.UUIDField(
        label=_("Order that it is for"), widget=UnfoldAdminTextInputWidget, help_text=_("Its whole number.")
    )
    field_order = ("order", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if all(review.order_id for review in self.targets):
            del self.fields["order"]


class RefundForm(ReasonForm):
    """What goes back, filled in with what came and where its owner wants it."""

    amount = forms.DecimalField(
        label=_("Amount"), min_value=Decimal("1e-18"), decimal_places=18, widget=UnfoldAdminTextInputWidget
    )
    coin = forms.CharField(label=_("Coin"), max_length=32, widget=UnfoldAdminTextInputWidget)
    address = forms.CharField(
        label=_("Address"),
        max_length=255,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_(
            "Empty: the one that its owner gave and confirmed. Never the one that the money came from."
        ),
    )
    transaction = forms.CharField(
        label=_("Transaction"),
        max_length=255,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("If you have sent it already. Otherwise the refund is owed until you say so."),
    )
    field_order = ("amount", "coin", "address", "transaction", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        payment = self.targets[0].payment if self.targets else None
        if payment:
            self.initial = {"amount": coin_text(payment.actually_paid), "coin": payment.pay_coin}


def _decide(outcome: Outcome, done: Words) -> Callable[..., Words]:
    def perform(target: Review, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
        refund = None
        if outcome is Outcome.REFUND:
            refund = billing.RefundNote(data["coin"], data["amount"], data["address"], data["transaction"])
        billing.resolve(
            review_id=target.pk,
            outcome=outcome.value,
            reason=data["reason"],
            actor=actor,
            now=now,
            order_id=data.get("order"),
            refund=refund,
        )
        return done

    return perform


def hold_review(target: Review, data: dict[str, Any]) -> None:
    billing.hold_review(review_id=target.pk, order_id=data.get("order"))


def _offered(outcome: Outcome) -> Callable[[Review, datetime], bool]:
    def is_offered(target: Review, now: datetime) -> bool:
        return target.resolved_at is None and outcome.value in queries.possible_outcomes(target.pk)

    return is_offered


def _where_to(targets: Sequence[Review], now: datetime) -> Words:
    line = queries.review(targets[0].pk)
    if line is None or not line.refund_to:
        return _("Its owner has not said yet where they want it; the page of their order asks.")
    words = _("Its owner wants it at %(address)s, confirmed by mail.")
    if not line.is_confirmed:
        words = _("Its owner wants it at %(address)s, not confirmed yet.")
    return words % {"address": line.refund_to}


def _act(outcome: Outcome, label: Words, question: Words, done: Words, **more: Any) -> Act:
    return Act(
        name=outcome.value,
        label=label,
        question=question,
        needs=Right.MONEY,
        perform=_decide(outcome, done),
        refusals=REFUSALS,
        offered=_offered(outcome),
        hold=hold_review,
        **{"form": DecisionForm, **more},
    )


ACCEPT = _act(
    Outcome.ACCEPT,
    _("Accept"),
    _(
        "Take the money for what was ordered, as if it were whole. An order that has its month keeps the money."
    ),
    _("Accepted."),
    icon="check_circle",
)
NEXT_CYCLE = _act(
    Outcome.NEXT_CYCLE,
    _("As next month"),
    _("It buys a month of its own, behind the current one, with a receipt of its own."),
    _("It has bought a month."),
    icon="event_upcoming",
)
REFUND = _act(
    Outcome.REFUND,
    _("Refund"),
    _("Write down that it goes back. Sending it is up to you, from your own wallet."),
    _("The refund is written down."),
    icon="undo",
    form=RefundForm,
    explain=_where_to,
    is_dangerous=True,
)
CLOSE = _act(
    Outcome.CLOSE,
    _("Close"),
    _(
        "Nothing follows from it. An order without its month ends as cancelled; later money for it still counts."
    ),
    _("Closed."),
    icon="block",
    form=ReasonForm,
    is_dangerous=True,
)
