"""What became of money: cycles, receipts, reviews, refunds."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from nproxy.billing.models.incoming import Payment
from nproxy.billing.models.orders import Order, PaymentAttempt
from nproxy.billing.rules.reviews import Outcome, Reason
from nproxy.kit.money import COIN_DIGITS, COIN_PLACES


class Review(models.Model):
    """Money that a person has to decide about. Open while it has no `resolved_at`; one at a time for a payment.

    `order` is None when nobody knows what the money is for, `payment` when an operator opened the review.
    """

    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="reviews")
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="reviews")
    reason = models.CharField(max_length=24, choices=[(each.value, each.value) for each in Reason])
    opened_at = models.DateTimeField()
    outcome = models.CharField(
        max_length=16, blank=True, choices=[(each.value, each.value) for each in Outcome]
    )
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=254, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["payment"], condition=Q(resolved_at=None), name="review_one_is_open_per_payment"
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(resolved_at=None, payment=None),
                name="review_by_hand_one_is_open_per_order",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, outcome="") | Q(resolved_at__isnull=False) & ~Q(outcome=""),
                name="review_resolved_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=False) | Q(payment__isnull=False), name="review_is_about_something"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["opened_at"], name="review_queue", condition=Q(resolved_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.reason} review {self.pk}"


class Activation(models.Model):
    """An order became a cycle: once for an order, once for an attempt, once for a review, and never undone.

    `attempt` is set when the payment itself decided, `review` when a person did. `is_late`: the order had expired
    or been canceled when its money came.
    """

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="activation")
    attempt = models.OneToOneField(
        PaymentAttempt, null=True, on_delete=models.PROTECT, related_name="activation"
    )
    review = models.OneToOneField(Review, null=True, on_delete=models.PROTECT, related_name="activation")
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="activations")
    cycle = models.OneToOneField("subscriptions.Cycle", on_delete=models.PROTECT, related_name="+")
    is_late = models.BooleanField(default=False)
    activated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(attempt__isnull=False, review=None, payment__isnull=False)
                | Q(attempt=None, review__isnull=False),
                name="activation_by_payment_or_by_review",
            ),
        ]

    def __str__(self) -> str:
        return f"activation of order {self.order_id}"


class ReceiptCounter(models.Model):
    """The number of the last receipt. Its row lock makes numbers follow each other without a gap."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="receipt_counter_is_one")]

    def __str__(self) -> str:
        return str(self.last)


class Receipt(models.Model):
    """The numbered proof of a sale, as it was then: never changed, corrected only by a refund beside it."""

    number = models.PositiveIntegerField(unique=True)
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="receipt")
    issued_at = models.DateTimeField()
    buyer = models.EmailField(max_length=254)
    plan_name = models.CharField(max_length=64)
    price_cents = models.PositiveIntegerField()
    coin = models.CharField(max_length=32, blank=True)
    network = models.CharField(max_length=64, blank=True)
    amount = models.DecimalField(max_digits=COIN_DIGITS, decimal_places=COIN_PLACES, null=True)
    payment_id = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return f"receipt {self.number:06}"


class Refund(models.Model):
    """Money given back: by an operator from their own wallet (`owed`, then `sent` or `failed`), or by the processor."""

    class State(models.TextChoices):
        OWED = "owed"
        SENT = "sent"
        FAILED = "failed"

    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="refunds")
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="refunds")
    review = models.OneToOneField(Review, null=True, on_delete=models.PROTECT, related_name="refund")
    coin = models.CharField(max_length=32)
    amount = models.DecimalField(max_digits=COIN_DIGITS, decimal_places=COIN_PLACES)
    address = models.CharField(max_length=255, blank=True)
    transaction = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=6, choices=State.choices)
    reason = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    state_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="refund_is_not_negative"),
            models.CheckConstraint(
                condition=Q(state__in=["owed", "sent", "failed"]), name="refund_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} refund {self.pk}"


class RefundAddress(models.Model):
    """Where a person wants their money back. They may change their mind: the newest counts, and a row stays.

    Confirmed by a link in a mail, so that a session in the wrong hands is not enough.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refund_addresses")
    coin = models.CharField(max_length=32)
    network = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=128)
    given_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["order", "-id"], name="refund_address_newest")]

    def __str__(self) -> str:
        return f"refund address {self.pk}"
