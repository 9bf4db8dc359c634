"""Changing what is for sale: what it means for whom is said before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor
from nproxy.billing import queries as billing
from nproxy.staff.acts import Act, ReasonForm, Words
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions.models import Plan


class PlanForm(ReasonForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=64, widget=UnfoldAdminTextInputWidget)
    price = forms.DecimalField(
        label=gettext_lazy("Price in US dollars"),
        min_value=Decimal(0),
        max_value=Decimal(100_000),
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    request_limit = forms.IntegerField(
        label=gettext_lazy("Requests in a month"), min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )
    sales_text = forms.CharField(
        label=gettext_lazy("What is said about it"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    field_order = ("name", "price", "request_limit", "sales_text", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.targets:
            plan = self.targets[0]
            self.initial = {
                "name": plan.name,
                "price": Decimal(plan.price_cents) / 100,
                "request_limit": plan.request_limit,
                "sales_text": plan.sales_text,
            }


def change(target: Plan, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    subscriptions.set_plan(
        name=data["name"],
        price_cents=int(data["price"] * 100),
        request_limit=data["request_limit"],
        sales_text=data["sales_text"],
        actor=actor,
        now=now,
        reason=data["reason"],
    )
    return _("Changed. It counts from the next order on.")


def who_is_touched(targets: Sequence[Plan], now: datetime) -> Words:
    """Orders keep the offer they were made at; cycles keep what they were sold as."""
    return _(
        "Counts for orders placed from now on. %(orders)d open orders keep the price and the limit that they were"
        " made at, and every cycle keeps what it was sold as."
    ) % {"orders": billing.orders_by_status().get("open", 0)}


CHANGE = Act(
    name="edit",
    label=gettext_lazy("Change the plan"),
    question=gettext_lazy("What people are offered."),
    icon="edit",
    needs=Right.MONEY,
    form=PlanForm,
    perform=change,
    refusals={subscriptions.BadPlan: ""},
    offered=lambda plan, now: plan.is_active,
    explain=who_is_touched,
    hold=lambda plan, data: subscriptions.hold_plan(),
)
