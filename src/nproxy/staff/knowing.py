"""All that is known of one person, as tables: cycles with exact quota, the ledger, orders, pictures, refusals, mails."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from nproxy.accounts.models import User
from nproxy.billing.models import Order
from nproxy.generations.models import Generation
from nproxy.notifications.models import Mail
from nproxy.quota.models import Entry
from nproxy.staff.showing import ago, cents
from nproxy.staff.tables import Table, link
from nproxy.subscriptions import queries as subscriptions
from nproxy.subscriptions.models import Cycle

SHOWN = 20
POLICY = "content_policy"


def cycle_table(person: User, now: datetime) -> Table:
    """The timeline, the newest first, with what is used and left to the request."""
    cycles = Cycle.objects.filter(user=person).select_related("quota").order_by("-starts_at")[:SHOWN]
    return Table(
        _("Cycles"),
        (
            _("Cycle"),
            _("From"),
            _("Until"),
            _("Standing"),
            _("Used"),
            _("Held"),
            _("Limit"),
            _("How it came"),
        ),
        [
            (
                link(one, one.pk),
                f"{one.starts_at:%Y-%m-%d %H:%M:%S}",
                f"{one.ends_at:%Y-%m-%d %H:%M:%S}",
                _standing(one, now),
                one.quota.used,
                one.quota.held,
                one.quota.limit,
                one.source,
            )
            for one in cycles
        ],
    )


def _standing(cycle: Cycle, now: datetime) -> object:
    if cycle.quota.suspended and cycle.ends_at > now:
        return _("suspended")
    if cycle.starts_at > now:
        return _("waits")
    return _("runs") if cycle.ends_at > now else _("over")


def cycles_in_words(person: User) -> str:
    """The last two cycles, which are all that an act can change, and whether access is taken away."""
    last = Cycle.objects.filter(user=person).order_by("-starts_at")[:2]
    words = [f"{one.starts_at:%Y-%m-%d %H:%M} – {one.ends_at:%Y-%m-%d %H:%M}" for one in last]
    if subscriptions.is_suspended(person.pk):
        words.append(str(_("suspended")))
    return ", ".join(words)


def ledger_table(person: User, now: datetime) -> Table:
    """The newest entries of the ledger."""
    entries = Entry.objects.filter(quota__user=person).order_by("-pk")[:SHOWN]
    return Table(
        _("Ledger"),
        (_("When"), _("Kind"), _("Units"), _("Quota")),
        [(ago(one.at, now), one.kind, one.units, one.quota_id) for one in entries],
    )


def order_table(person: User, now: datetime) -> Table:
    """What they ordered."""
    orders = Order.objects.filter(user=person).order_by("-created_at")[:SHOWN]
    return Table(
        _("Orders"),
        (_("Order"), _("When"), _("State"), _("Price")),
        [(link(one, one.pk), ago(one.created_at, now), one.status, cents(one.price_cents)) for one in orders],
    )


def picture_table(person: User, now: datetime, *, refused: bool = False) -> Table:
    """Their generations without prompts; with `refused` those that the model declined by policy."""
    rows = Generation.objects.filter(user=person).order_by("-queued_at")
    if refused:
        rows = rows.filter(error_code=POLICY)
    return Table(
        _("Refused by policy") if refused else _("Pictures"),
        (_("Picture"), _("When"), _("State"), _("Error"), _("Reference")),
        [
            (
                link(one, one.pk),
                ago(one.queued_at, now),
                one.status,
                one.error_code or None,
                one.error_reference or None,
            )
            for one in rows[:SHOWN]
        ],
    )


def mail_table(person: User, now: datetime) -> Table:
    """What was written to them."""
    mails = Mail.objects.filter(recipient=person.email).order_by("-created_at")[:SHOWN]
    return Table(
        _("E-mails"),
        (_("Mail"), _("When"), _("State"), _("Tries"), _("Error")),
        [
            (link(one, one.kind), ago(one.created_at, now), one.state, one.tries, one.last_error or None)
            for one in mails
        ],
    )
