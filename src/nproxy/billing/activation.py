"""An order becomes a cycle, with its receipt: the one place where money turns into access."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from nproxy.accounts import queries as people
from nproxy.billing import changes, letters, offers
from nproxy.billing.models import Activation, Order, Payment, Receipt, Review
from nproxy.billing.rules.networks import in_words
from nproxy.kit.money import dollars
from nproxy.notifications import actions as notifications
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries as cycles

_NEXT_NUMBER = """
    INSERT INTO billing_receiptcounter (id, last) VALUES (1, 1)
    ON CONFLICT (id) DO UPDATE SET last = billing_receiptcounter.last + 1
    RETURNING last
"""


@transaction.atomic
def activate(
    order: Order, *, payment: Payment | None, review: Review | None, is_late: bool, now: datetime
) -> None:
    """Open a cycle for a locked order that has none, and say so everywhere. `review` when a person decided it.

    Raises subscriptions' AlreadyQueued, and then nothing has happened.
    """
    cycle_id = subscriptions.activate(
        user_id=order.user_id, limit=order.request_limit, months=1, source="payment", now=now
    )
    Activation.objects.create(
        order=order,
        attempt=payment.attempt if payment and review is None else None,
        review=review,
        payment=payment,
        cycle_id=cycle_id,
        is_late=is_late,
        activated_at=now,
    )
    changes.move(order, Order.Status.PAID, out_of=tuple(Order.Status), now=now)
    receipt = _issue(order, payment, now)
    period = cycles.period(cycle_id)
    letters.activated(order, receipt, period.starts_at, is_late=is_late, now=now)
    notifications.alert(
        kind="payment.received",
        subject=str(order.pk),
        severity="info",
        text=f"{dollars(order.price_cents)} for {order.plan_name}, receipt {receipt.number:06}.",
        now=now,
    )


def _issue(order: Order, payment: Payment | None, now: datetime) -> Receipt:
    """The next receipt. Its number is taken last of all, so that few wait for the counter, and none goes missing."""
    buyer = people.person(order.user_id)
    network = offers.network_of(payment) if payment else ""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER)
        (number,) = cursor.fetchone()
    return Receipt.objects.create(
        number=number,
        order=order,
        issued_at=now,
        buyer=buyer.email if buyer else "",
        plan_name=order.plan_name,
        price_cents=order.price_cents,
        coin=offers.ticker(payment.pay_coin) if payment else "",
        network=in_words(network),
        amount=payment.actually_paid if payment else None,
        payment_id=payment.payment_id if payment else "",
    )
