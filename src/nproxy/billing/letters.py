"""The mails about money, each owed once, in the transaction that causes it and in its reader's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from nproxy.accounts import queries as people
from nproxy.billing import wording
from nproxy.billing.models import Order, Payment, PaymentAttempt, Receipt, Refund, RefundAddress
from nproxy.kit.languages import spoken
from nproxy.notifications import actions as notifications
from nproxy.notifications.rules import Letter


def address_ready(order: Order, attempt: PaymentAttempt, now: datetime) -> None:
    _send(order, "order_open", attempt.pk, partial(wording.address_ready, order, attempt), now)


def payment_seen(order: Order, payment: Payment, now: datetime) -> None:
    _send(order, "payment_seen", payment.pk, partial(wording.payment_seen, order), now)


def activated(order: Order, receipt: Receipt, starts_at: datetime, *, is_late: bool, now: datetime) -> None:
    write = partial(wording.activated, order, receipt, starts_at, is_late=is_late, now=now)
    _send(order, "order_paid", order.pk, write, now)


def underpaid(order: Order, payment: Payment, now: datetime) -> None:
    _send(order, "order_underpaid", payment.pk, partial(wording.underpaid, order, payment), now)


def expired(order: Order, now: datetime) -> None:
    _send(order, "order_expired", order.pk, partial(wording.expired, order), now)


def refunded(order: Order, refund: Refund, now: datetime) -> None:
    _send(order, "order_refunded", refund.pk, partial(wording.refunded, order, refund), now)


def refund_address(order: Order, given: RefundAddress, token: str, now: datetime) -> None:
    _send(order, "refund_address", given.pk, partial(wording.refund_address, given, token), now)


def _send(order: Order, kind: str, what: object, write: Callable[[], Letter], now: datetime) -> None:
    person = people.person(order.user_id)
    if person is None or person.deleted_at:
        return
    with spoken(people.language_of(order.user_id)):
        notifications.send_letter(
            key=f"{kind}:{what}", kind=kind, recipient=person.email, letter=write(), now=now
        )
