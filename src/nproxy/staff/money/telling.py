"""What belongs to an order, as tables: attempts, payments, reviews, refunds."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from nproxy.billing.models import Order, Payment, Refund
from nproxy.kit.money import coin_text
from nproxy.staff.showing import ago
from nproxy.staff.tables import Table, link


def payment_table(order: Order) -> Table:
    """Every payment that the processor knows for this order, children too."""
    rows = Payment.objects.filter(attempt__order=order).order_by("pk")
    return Table(
        _("Payments"),
        (
            _("Payment"),
            _("State"),
            _("Asked for"),
            _("Came"),
            _("Coin"),
            _("First told by"),
            _("Transaction"),
        ),
        [
            (
                link(one, one.payment_id),
                one.status,
                coin_text(one.pay_amount) if one.pay_amount is not None else None,
                coin_text(one.actually_paid),
                one.pay_coin,
                one.success_told_by or None,
                one.transaction or None,
            )
            for one in rows
        ],
    )


def attempt_table(order: Order) -> Table:
    """Each coin that was chosen, and the address it came to."""
    return Table(
        _("Attempts"),
        (_("Number"), _("Coin"), _("State"), _("Why not"), _("Address"), _("Amount"), _("Payment")),
        [
            (
                one.ordinal,
                one.coin,
                one.state,
                one.failure or None,
                one.address or None,
                coin_text(one.pay_amount) if one.pay_amount is not None else None,
                one.payment_id,
            )
            for one in order.attempts.order_by("ordinal")
        ],
    )


def review_table(order: Order, now: datetime) -> Table:
    """What a person had to decide about it."""
    return Table(
        _("Reviews"),
        (_("Review"), _("Why"), _("Opened"), _("Decided"), _("By"), _("Note")),
        [
            (
                link(one, one.pk),
                one.reason,
                ago(one.opened_at, now),
                one.outcome or None,
                one.resolved_by or None,
                one.note or None,
            )
            for one in order.reviews.order_by("pk")
        ],
    )


def refund_table(order: Order) -> Table:
    """What went back, or should, and where its owner wants it."""
    refunds = Refund.objects.filter(order=order).order_by("pk")
    return Table(
        _("Refunds"),
        (_("Refund"), _("State"), _("Amount"), _("To"), _("Transaction"), _("Why")),
        [
            (
                link(one, one.pk),
                one.state,
                f"{coin_text(one.amount)} {one.coin}",
                one.address or None,
                one.transaction or None,
                one.reason,
            )
            for one in refunds
        ],
    )


def address_table(order: Order) -> Table:
    """Where the person said that money shall go back to."""
    return Table(
        _("Addresses for a refund"),
        (_("Address"), _("Coin"), _("Given"), _("Confirmed")),
        [
            (one.address, one.coin, f"{one.given_at:%Y-%m-%d %H:%M}", "✓" if one.confirmed_at else _("no"))
            for one in order.refund_addresses.order_by("-pk")
        ],
    )
