"""What is sold, and who has it until when."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value


class Plan(models.Model):
    """What is for sale. At most one plan is active; orders keep their own snapshot of it."""

    name = models.CharField(max_length=64)
    price_cents = models.PositiveIntegerField(help_text="USD cents")
    request_limit = models.PositiveIntegerField()
    sales_text = models.TextField(blank=True)
    is_active = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="plan_one_is_active"
            ),
            models.CheckConstraint(condition=Q(request_limit__gte=1), name="plan_limit_is_at_least_one"),
        ]

    def __str__(self) -> str:
        return self.name


class Cycle(models.Model):
    """One paid or granted period of a person, with the quota that belongs to it."""

    class Source(models.TextChoices):
        GRANT = "grant"
        PAYMENT = "payment"

    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    quota = models.OneToOneField("quota.Quota", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    months = models.PositiveSmallIntegerField(default=1, help_text="as sold; an extension adds days to them")
    anchor_day = models.PositiveSmallIntegerField(
        null=True, help_text="the day of the month that a following cycle keeps; none once extended"
    )
    source = models.CharField(max_length=8, choices=Source.choices)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="cycle_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(anchor_day__range=(1, 31)), name="cycle_anchor_is_a_day"),
            ExclusionConstraint(
                name="cycle_of_a_person_never_overlaps",
                expressions=[
                    (Func(F("user"), F("user"), Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return f"cycle {self.pk}"


class Suspension(models.Model):
    """Access taken from a person, and given back: who did it and why is in the audit log too."""

    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at=None), name="suspension_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"suspension {self.pk}"


class Compensation(models.Model):
    """Days that a person was given because of an outage: once for each occasion, however often it is asked for."""

    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    occasion = models.CharField(max_length=200)
    days = models.PositiveSmallIntegerField()
    given_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "occasion"], name="compensation_once_per_occasion"),
        ]

    def __str__(self) -> str:
        return f"{self.days} days for {self.occasion}"


class Silence(models.Model):
    """Someone who wants no reminders."""

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"no reminders for {self.user_id}"
