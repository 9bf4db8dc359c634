"""An attempt's way to its address: creating → asking → open, refused, or lost. Each step a guarded UPDATE.

`asking` is committed before the processor is called, so whoever finds it later knows that a payment may exist
whose answer never came. Such an attempt is lost: another takes its place, and its money is matched by callback.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from nproxy.billing import changes, jobs, letters
from nproxy.billing.models import Order, Payment, PaymentAttempt
from nproxy.billing.rules.schedule import next_poll
from nproxy.billing.rules.wire import CreatedPayment, Status
from nproxy.kit.ids import new_id

State = PaymentAttempt.State

# The processor's own window for a payment at a floating rate, where it does not name one.
ADDRESS_LASTS = timedelta(days=7)
MAX_TRIES = 6
MAX_LOST = 3
# A create call takes seconds. One still open after this long most likely died with its worker; if it did not, its
# payment is watched all the same.
GIVEN_UP_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Errand:
    """What to ask the processor for, and how often that was tried, this time included."""

    attempt_id: UUID
    price_cents: int
    coin: str
    tries: int


def new(order: Order, *, coin: str, processor: str, now: datetime) -> PaymentAttempt:
    """One more attempt of a locked order, and the job that gets its address."""
    attempt = PaymentAttempt.objects.create(
        id=new_id(),
        order=order,
        ordinal=PaymentAttempt.objects.filter(order=order).count() + 1,
        processor=processor,
        coin=coin,
        created_at=now,
        chosen_at=now,
    )
    jobs.prepare(attempt.pk)
    return attempt


@transaction.atomic
def begin(attempt_id: UUID, key_fingerprint: str, now: datetime) -> Errand | None:
    """From here on the processor may have been asked. None when there is nothing to ask (any more)."""
    order, attempt = _locked(attempt_id)
    if attempt.state == State.ASKING:
        if attempt.asked_at and now - attempt.asked_at >= GIVEN_UP_AFTER:
            _lose(order, attempt, now)
        return None
    if attempt.state != State.CREATING:
        return None
    if order.status != Order.Status.OPEN:
        _refuse(order, attempt, "order_closed")
        return None
    PaymentAttempt.objects.filter(pk=attempt_id).update(
        state=State.ASKING, asked_at=now, key_fingerprint=key_fingerprint, tries=F("tries") + 1
    )
    return Errand(attempt_id, order.price_cents, attempt.coin, attempt.tries + 1)


@transaction.atomic
def answered(attempt_id: UUID, made: CreatedPayment, now: datetime) -> bool:
    """The address is here: the attempt opens, its payment is watched, its mail owed. False if it had been given up.

    False, too, when the payment is another attempt's: whoever pays there pays for that one.
    """
    order, attempt = _locked(attempt_id)
    if _is_another_s(attempt, made.payment_id):
        _disown(order, attempt, made.payment_id, now)
        return False
    is_ours = Q(payment_id=None) | Q(payment_id=made.payment_id)
    address_ends_at = made.expires_at or now + ADDRESS_LASTS
    opened = PaymentAttempt.objects.filter(is_ours, pk=attempt_id, state=State.ASKING).update(
        state=State.OPEN,
        payment_id=made.payment_id,
        address=made.address,
        memo=made.memo,
        network=made.network,
        pay_amount=made.pay_amount,
        quote_ends_at=made.quote_ends_at,
        address_ends_at=address_ends_at,
    )
    _watch(attempt, made, now)
    if not opened:
        return False
    Order.objects.filter(pk=order.pk, open_until__lt=address_ends_at).update(open_until=address_ends_at)
    attempt.refresh_from_db()
    letters.address_ready(order, attempt, now)
    changes.show(order)
    return True


def _is_another_s(attempt: PaymentAttempt, payment_id: str) -> bool:
    """Whether the processor gave us a number that it had given us before."""
    attempts = PaymentAttempt.objects.filter(processor=attempt.processor, payment_id=payment_id)
    payments = Payment.objects.filter(processor=attempt.processor, payment_id=payment_id)
    known = Q(attempt=attempt) | Q(attempt=None)
    return attempts.exclude(pk=attempt.pk).exists() or payments.exclude(known).exists()


def _disown(order: Order, attempt: PaymentAttempt, payment_id: str, now: datetime) -> None:
    """The person chooses again; what is on record about that payment stays as it is."""
    if attempt.state == State.ASKING:
        _refuse(order, attempt, "number_taken")
    changes.alert_hourly(
        kind="payments.number_taken",
        text=f"The payment processor gave out the number {payment_id} a second time. The later checkout was asked to"
        " choose again. Is this database connected to another account, or to a stand-in that was reset?",
        now=now,
    )


def _watch(attempt: PaymentAttempt, made: CreatedPayment, now: datetime) -> None:
    """Also when the attempt was given up meanwhile: someone may have the address."""
    Payment.objects.get_or_create(
        processor=attempt.processor,
        payment_id=made.payment_id,
        defaults={
            "attempt": attempt,
            "pay_coin": made.pay_coin,
            "pay_amount": made.pay_amount,
            "status_at": now,
            "found_at": now,
            "next_poll_at": next_poll(Status.WAITING, found_at=now, status_at=now, now=now),
        },
    )


@transaction.atomic
def put_back(attempt_id: UUID, seconds: float) -> None:
    """The processor was not reached: try again after `seconds`, a few times."""
    order, attempt = _locked(attempt_id)
    if attempt.state != State.ASKING:
        return
    if attempt.tries >= MAX_TRIES:
        _refuse(order, attempt, "unreachable")
        return
    PaymentAttempt.objects.filter(pk=attempt_id).update(state=State.CREATING)
    jobs.prepare(attempt_id, seconds=ceil(seconds))


@transaction.atomic
def lose(attempt_id: UUID, now: datetime) -> None:
    """The answer did not come, and the payment may exist: another attempt takes this one's place."""
    order, attempt = _locked(attempt_id)
    if attempt.state == State.ASKING:
        _lose(order, attempt, now)


def _lose(order: Order, attempt: PaymentAttempt, now: datetime) -> None:
    PaymentAttempt.objects.filter(pk=attempt.pk).update(state=State.LOST, failure="no_answer")
    lost = PaymentAttempt.objects.filter(order=order, coin=attempt.coin, state=State.LOST).count()
    is_current = not PaymentAttempt.objects.filter(order=order, chosen_at__gt=attempt.chosen_at).exists()
    if lost < MAX_LOST and is_current and order.status == Order.Status.OPEN:
        new(order, coin=attempt.coin, processor=attempt.processor, now=now)
    changes.show(order)


@transaction.atomic
def refuse(attempt_id: UUID, failure: str) -> None:
    """The processor said no, for the reason `failure`."""
    order, attempt = _locked(attempt_id)
    if attempt.state == State.ASKING:
        _refuse(order, attempt, failure)


def _refuse(order: Order, attempt: PaymentAttempt, failure: str) -> None:
    PaymentAttempt.objects.filter(pk=attempt.pk).update(state=State.REFUSED, failure=failure)
    changes.show(order)


def attend_again(now: datetime) -> int:
    """New jobs for attempts whose job died; how many. Called by the clock."""
    late = now - GIVEN_UP_AFTER
    waiting = PaymentAttempt.objects.filter(state__in=[State.CREATING, State.ASKING], created_at__lt=late)
    ids = list(waiting.values_list("pk", flat=True)[:100])
    for attempt_id in ids:
        jobs.prepare(attempt_id)
    return len(ids)


def _locked(attempt_id: UUID) -> tuple[Order, PaymentAttempt]:
    """The order's row first, as everywhere."""
    order_id = PaymentAttempt.objects.values_list("order_id", flat=True).get(pk=attempt_id)
    return changes.locked(order_id), PaymentAttempt.objects.get(pk=attempt_id)
