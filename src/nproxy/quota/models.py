"""The ledger: counters, holds, journal."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Quota(models.Model):
    """How many requests a cycle allows, and how many are used or held. One UPDATE checks all of it.

    `unpaid` counts released holds whose provider call was made all the same: those are limited too.
    """

    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    suspended = models.BooleanField(default=False)
    limit = models.PositiveIntegerField()
    used = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    unpaid = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(limit__gte=1), name="quota_limit_is_at_least_one"),
            models.CheckConstraint(
                condition=Q(used__gte=0) & Q(held__gte=0), name="quota_counters_not_negative"
            ),
            models.CheckConstraint(condition=Q(limit__gte=F("used") + F("held")), name="quota_within_limit"),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="quota_closes_after_it_opens"
            ),
        ]

    def __str__(self) -> str:
        return f"quota {self.pk}"


class Hold(models.Model):
    """One request set aside for one generation. `ordinal` grows only by a person's retry."""

    class State(models.TextChoices):
        HELD = "held"
        CAPTURED = "captured"
        RELEASED = "released"

    class Unpaid(models.TextChoices):
        """Why a provider was called for nothing."""

        CANCELED = "canceled"
        REFUSED = "refused"
        POLICY = "policy"

    quota = models.ForeignKey(Quota, on_delete=models.PROTECT, related_name="holds")
    generation = models.UUIDField()
    ordinal = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    created_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    unpaid = models.CharField(max_length=8, choices=Unpaid.choices, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(unpaid="") | Q(unpaid__in=["canceled", "refused", "policy"], state="released"),
                name="hold_unpaid_is_released",
            ),
            models.UniqueConstraint(fields=["generation", "ordinal"], name="hold_once_per_ordinal"),
            models.UniqueConstraint(
                fields=["generation"], condition=Q(state="captured"), name="hold_captured_at_most_once"
            ),
            models.UniqueConstraint(
                fields=["generation"], condition=Q(state="held"), name="hold_open_at_most_once"
            ),
            models.CheckConstraint(
                condition=Q(state="held", resolved_at=None)
                | Q(state__in=["captured", "released"], resolved_at__isnull=False),
                name="hold_resolved_has_a_moment",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["quota"], name="hold_open", condition=Q(state="held")),
            models.Index(
                fields=["quota", "resolved_at"], name="hold_against_policy", condition=Q(unpaid="policy")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.generation}/{self.ordinal}"


class Entry(models.Model):
    """The journal that every counter can be recomputed from. Append-only by trigger."""

    class Kind(models.TextChoices):
        GRANT = "grant"
        HOLD = "hold"
        CAPTURE = "capture"
        RELEASE = "release"

    quota = models.ForeignKey(Quota, on_delete=models.PROTECT, related_name="entries")
    hold = models.ForeignKey(Hold, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    units = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hold", "kind"], name="entry_once_per_hold_and_kind"),
            models.CheckConstraint(
                condition=Q(kind="grant", hold=None) | Q(kind__in=["hold", "capture", "release"], units=1),
                name="entry_shape",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.units}"
