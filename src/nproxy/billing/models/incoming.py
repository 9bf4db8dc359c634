"""What reaches us from the processor: callbacks as they came, payments, and what each reading showed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from nproxy.billing.models.orders import PaymentAttempt
from nproxy.billing.rules.wire import Status
from nproxy.kit.money import COIN_DIGITS, COIN_PLACES

STATUSES = [(status.value, status.value) for status in Status]


class Payment(models.Model):
    """One payment at the processor, by the processor's id: an attempt's own, a child of one, or one unknown to us.

    `status` only goes up in rank (rules.settlement), `last_status` is the processor's latest word; the whole story
    is in the observations. `next_poll_at` is when it is read again without being asked, None when never. `success_told_by` says who told of its success first.
    """

    processor = models.CharField(max_length=16)
    payment_id = models.CharField(max_length=32)
    attempt = models.ForeignKey(PaymentAttempt, null=True, on_delete=models.PROTECT, related_name="payments")
    parent_payment_id = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=24, choices=STATUSES, default=Status.WAITING.value)
    status_at = models.DateTimeField()
    last_status = models.CharField(max_length=24, choices=STATUSES, blank=True)
    pay_coin = models.CharField(max_length=32, blank=True)
    pay_amount = models.DecimalField(max_digits=COIN_DIGITS, decimal_places=COIN_PLACES, null=True)
    actually_paid = models.DecimalField(max_digits=COIN_DIGITS, decimal_places=COIN_PLACES, default=0)
    received_cents = models.BigIntegerField(null=True, help_text="US cents, if the processor valued it")
    transaction = models.CharField(max_length=255, blank=True)
    success_told_by = models.CharField(max_length=8, blank=True)
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    observed_at = models.DateTimeField(null=True)
    polls = models.PositiveIntegerField(default=0)
    next_poll_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["processor", "payment_id"], name="payment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.payment_id}"


class PaymentEvent(models.Model):
    """A callback with a good signature, stored before it is understood. Rows stay; only bodies are blanked in time."""

    id = models.UUIDField(primary_key=True)
    processor = models.CharField(max_length=16)
    digest = models.CharField(max_length=64)
    body = models.BinaryField()
    signature = models.CharField(max_length=256)
    address = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField(db_index=True)
    payment_id = models.CharField(max_length=32, blank=True, db_index=True)
    told = models.CharField(max_length=24, blank=True, help_text="the status that it claims")
    handled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["processor", "digest"], name="event_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["received_at"], name="event_unhandled", condition=models.Q(handled_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.id}"


class QuarantinedEvent(models.Model):
    """A callback whose signature we could not confirm: kept for a while, in case the fault is ours."""

    id = models.UUIDField(primary_key=True)
    processor = models.CharField(max_length=16)
    digest = models.CharField(max_length=64)
    body = models.BinaryField()
    signature = models.CharField(max_length=256)
    address = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["processor", "digest", "signature"], name="quarantined_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["address", "received_at"], name="quarantine_by_address"),
        ]

    def __str__(self) -> str:
        return f"quarantined {self.id}"


class Observation(models.Model):
    """A payment as one reading showed it. Append-only; a reading that shows nothing new adds nothing."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="observations")
    digest = models.CharField(max_length=64)
    status = models.CharField(max_length=24, choices=STATUSES)
    status_word = models.CharField(max_length=64)
    ref = models.CharField(max_length=255, blank=True)
    price_cents = models.BigIntegerField(null=True)
    price_currency = models.CharField(max_length=16, blank=True)
    pay_coin = models.CharField(max_length=32, blank=True)
    pay_amount = models.DecimalField(max_digits=COIN_DIGITS, decimal_places=COIN_PLACES)
    actually_paid = models.DecimalField(max_digits=COIN_DIGITS, decimal_places=COIN_PLACES)
    outcome_amount = models.DecimalField(max_digits=COIN_DIGITS, decimal_places=COIN_PLACES, null=True)
    outcome_coin = models.CharField(max_length=32, blank=True)
    received_cents = models.BigIntegerField(null=True)
    told_by = models.CharField(max_length=8)
    observed_at = models.DateTimeField()
    updated_at = models.DateTimeField(null=True, help_text="by the processor's clock")
    raw = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["payment", "digest"], name="observation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.status_word} of payment {self.payment_id}"
