"""Callbacks and the payments that they name, before anything is believed about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from nproxy.billing import jobs
from nproxy.billing.models import Payment, PaymentAttempt, PaymentEvent
from nproxy.billing.rules.schedule import SOON
from nproxy.billing.rules.settlement import ARRIVED, RANK
from nproxy.billing.rules.wire import Hint, Status

# A callback may be ahead of what the processor shows to those who ask.
PATIENCE = timedelta(hours=1)
# An event without an end after so long has lost its job; one that is a day old has had its chances.
_LEFT_LYING = (timedelta(days=1), timedelta(minutes=5))


def attempt_of(processor: str, payment_id: str, parent_payment_id: str, ref: str) -> PaymentAttempt | None:
    """The attempt that a payment belongs to: as we have it on record, as its parent's, or by our reference on it."""
    attempts = PaymentAttempt.objects.filter(processor=processor)
    for one in filter(None, (payment_id, parent_payment_id)):
        of_it = Q(payment_id=one) | Q(payments__payment_id=one, payments__processor=processor)
        if found := attempts.filter(of_it).first():
            return found
    try:
        return attempts.filter(pk=UUID(ref)).first()
    except ValueError:
        return None


def payment_row(
    processor: str,
    payment_id: str,
    parent_payment_id: str,
    attempt: PaymentAttempt | None,
    now: datetime,
) -> Payment:
    """The payment's row, locked; made when it is new, and due to be read at once then."""
    Payment.objects.bulk_create(
        [
            Payment(
                processor=processor,
                payment_id=payment_id,
                parent_payment_id=parent_payment_id,
                attempt=attempt,
                status_at=now,
                found_at=now,
                next_poll_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    payment = Payment.objects.select_for_update().get(processor=processor, payment_id=payment_id)
    payment.attempt = payment.attempt or attempt
    payment.parent_payment_id = payment.parent_payment_id or parent_payment_id
    payment.save(update_fields=["attempt", "parent_payment_id"])
    return payment


@transaction.atomic
def notice(event_id: UUID, hint: Hint, processor: str, now: datetime) -> str:
    """A callback is about this payment: from now on the poller knows it too. Its id at the processor."""
    PaymentEvent.objects.filter(pk=event_id).update(payment_id=hint.payment_id, told=hint.status.value)
    attempt = attempt_of(processor, hint.payment_id, hint.parent_payment_id, hint.ref)
    payment = payment_row(processor, hint.payment_id, hint.parent_payment_id, attempt, now)
    Payment.objects.filter(pk=payment.pk).update(next_poll_at=now)
    return payment.payment_id


@transaction.atomic
def handled(event_id: UUID, outcome: str, now: datetime) -> None:
    """The event is dealt with. When it told of more than the processor shows by now, the payment is read again soon."""
    event = PaymentEvent.objects.get(pk=event_id)
    PaymentEvent.objects.filter(pk=event_id).update(handled_at=now, outcome=outcome)
    if event.told not in {status.value for status in RANK}:
        return
    payment = Payment.objects.filter(processor=event.processor, payment_id=event.payment_id).first()
    if payment and RANK[Status(event.told)] > RANK[Status(payment.status)]:
        is_later = Q(next_poll_at__gt=now + SOON) | Q(next_poll_at=None)
        Payment.objects.filter(is_later, pk=payment.pk).update(next_poll_at=now + SOON)


def success_was_told(payment: Payment) -> bool:
    """Whether a callback has told of this payment's success, or one that is not read yet may."""
    events = PaymentEvent.objects.filter(processor=payment.processor)
    of_success = Q(payment_id=payment.payment_id, told__in=[status.value for status in ARRIVED])
    return events.filter(of_success | Q(handled_at=None)).exists()


def was_told(payment: Payment) -> bool:
    """Whether any callback has named this payment."""
    events = PaymentEvent.objects.filter(processor=payment.processor, payment_id=payment.payment_id)
    return events.exists()


def attend_again(now: datetime) -> int:
    """New jobs for events whose job died; how many. Called by the clock."""
    oldest, newest = (now - age for age in _LEFT_LYING)
    lying = PaymentEvent.objects.filter(handled_at=None, received_at__range=(oldest, newest))
    ids = list(lying.values_list("pk", flat=True)[:100])
    for event_id in ids:
        jobs.handle(event_id)
    return len(ids)
