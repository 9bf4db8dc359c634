"""Orders, the attempts to pay them, and the coins they can be paid in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from nproxy.kit.money import COIN_DIGITS, COIN_PLACES


class Order(models.Model):
    """What a person wants to buy, as it was offered to them: a snapshot that a trigger keeps as it is.

    `status` says what became of it; `open_until` is when it lapses unless money is under way.
    `version` is the person's version at the last change, so that a page can ask "what is new".
    """

    class Status(models.TextChoices):
        OPEN = "open"
        PAID = "paid"
        EXPIRED = "expired"
        CANCELED = "canceled"
        REVIEW = "review"
        REFUNDED = "refunded"

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    plan_name = models.CharField(max_length=64)
    sales_text = models.TextField(blank=True)
    price_cents = models.PositiveIntegerField(help_text="USD cents")
    request_limit = models.PositiveIntegerField()
    terms_version = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    status_at = models.DateTimeField()
    open_until = models.DateTimeField()
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(status="open"), name="order_one_is_open_per_person"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "paid", "expired", "canceled", "review", "refunded"]),
                name="order_status_is_known",
            ),
            models.CheckConstraint(condition=Q(price_cents__gte=1), name="order_has_a_price"),
            models.CheckConstraint(condition=Q(request_limit__gte=1), name="order_limit_is_at_least_one"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "version"], name="order_news"),
            models.Index(fields=["open_until"], name="order_lapsing", condition=Q(status="open")),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.id}"


class PaymentAttempt(models.Model):
    """One try to pay an order in one coin. Its id is the processor's `order_id`; it is committed before the call.

    `asking` may have reached the processor; `lost` did, perhaps, and its answer never came: money for it is known
    by its callback. The newest `chosen_at` is the one that the person looks at. `key_fingerprint` says which API
    key made the payment, because no other one can read it.
    """

    class State(models.TextChoices):
        CREATING = "creating"
        ASKING = "asking"
        OPEN = "open"
        LOST = "lost"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="attempts")
    ordinal = models.PositiveSmallIntegerField()
    processor = models.CharField(max_length=16)
    key_fingerprint = models.CharField(max_length=64, blank=True)
    coin = models.CharField(max_length=32)
    state = models.CharField(max_length=8, choices=State.choices, default=State.CREATING)
    failure = models.CharField(max_length=24, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    chosen_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    payment_id = models.CharField(max_length=32, null=True)  # noqa: DJ001 - NULL, because "" would not be unique
    address = models.CharField(max_length=255, blank=True)
    memo = models.CharField(max_length=128, blank=True)
    network = models.CharField(max_length=32, blank=True)
    pay_amount = models.DecimalField(max_digits=COIN_DIGITS, decimal_places=COIN_PLACES, null=True)
    quote_ends_at = models.DateTimeField(null=True)
    address_ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "ordinal"], name="attempt_once_per_ordinal"),
            models.UniqueConstraint(fields=["processor", "payment_id"], name="attempt_of_one_payment"),
            models.CheckConstraint(
                condition=Q(state__in=["creating", "asking", "open", "lost", "refused"]),
                name="attempt_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="open")
                | Q(payment_id__isnull=False, pay_amount__isnull=False) & ~Q(address=""),
                name="attempt_open_has_an_address",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"],
                name="attempt_unanswered",
                condition=Q(state__in=["creating", "asking"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.coin} {self.id}"


class CoinOffer(models.Model):
    """A coin that the checkout offers, as the processor described it last. Kept while the processor is away."""

    code = models.CharField(max_length=32, primary_key=True)
    position = models.PositiveSmallIntegerField()
    ticker = models.CharField(max_length=16)
    name = models.CharField(max_length=64)
    network = models.CharField(max_length=32)
    network_name = models.CharField(max_length=64)
    minimum_amount = models.DecimalField(max_digits=COIN_DIGITS, decimal_places=COIN_PLACES, null=True)
    minimum_cents = models.PositiveIntegerField(null=True)
    refreshed_at = models.DateTimeField()
    minimum_refreshed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.code
