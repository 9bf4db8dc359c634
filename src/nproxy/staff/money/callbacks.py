"""Callbacks as they came, byte for byte, those in quarantine too; to be followed again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor
from nproxy.billing import actions as billing
from nproxy.billing.models import PaymentEvent, QuarantinedEvent
from nproxy.staff.acts import Act, ActForm, Takes, Words
from nproxy.staff.reading import ReadOnly
from nproxy.staff.showing import when


def replay(target: Any, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    received = billing.replay(event_id=target.pk, actor=actor, now=now)
    if received is billing.Received.QUARANTINED:
        return _("Its signature still does not fit: it stays in quarantine.")
    return _("The worker follows it now.")


REPLAY = Act(
    name="replay",
    label=gettext_lazy("Follow again"),
    question=gettext_lazy("The payment that it names is read at the processor. Nothing in it is believed."),
    icon="replay",
    needs=Right.MONEY,
    form=ActForm,
    takes=Takes.MANY,
    perform=replay,
    refusals={billing.UnknownEvent: gettext_lazy("It is not there any more.")},
)


class Callback(ReadOnly):
    """What both kinds show."""

    exclude = ("body", "signature")
    ordering = ("-pk",)
    audited_as = "payment_event"
    acts = (REPLAY,)
    panels = ("staff/money/body.html",)

    def panel_context(self, request: HttpRequest, target: Any, now: datetime) -> dict[str, Any]:
        return {"body": bytes(target.body).decode(errors="replace"), "signature": target.signature}


@admin.register(PaymentEvent)
class PaymentEventAdmin(Callback):
    list_display = (
        "id",
        when("received_at", gettext_lazy("Received")),
        "payment_id",
        "told",
        when("handled_at", gettext_lazy("Followed")),
        "outcome",
        "address",
    )
    list_filter = ("told", "outcome", "received_at")
    watched = ("handled_at", "outcome")
    search_fields = ("payment_id", "address")


@admin.register(QuarantinedEvent)
class QuarantinedEventAdmin(Callback):
    list_display = ("id", when("received_at", gettext_lazy("Received")), "address", "processor")
    list_filter = ("received_at",)
    search_fields = ("address",)
