"""Wishes for images, and what became of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Pause(models.Model):
    """A person whom the model declined too often is not drawn for during a while."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    refusals = models.PositiveIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "until"], name="pause_of_person")]

    def __str__(self) -> str:
        return f"until {self.until}"


class Pace(models.Model):
    """How long pictures of one resolution took of late, from asking to seeing: the half of them, and nine of ten."""

    resolution = models.CharField(max_length=4, primary_key=True)
    half_seconds = models.PositiveIntegerField()
    most_seconds = models.PositiveIntegerField()
    measured_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(half_seconds__gte=1, most_seconds__gte=F("half_seconds")),
                name="pace_is_a_span",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resolution}: {self.half_seconds}-{self.most_seconds} s"


class Generation(models.Model):
    """One wish for one image, from the moment it is accepted to the picture, an error or a cancel.

    `lease_token` is fresh at every begin: only who holds it may change a running generation.
    A canceled one keeps its token until the worker lets go, and counts as pending until then.
    `ordinal` numbers its holds; it grows when the person retries. `crashes` counts lost workers.
    `version` is the person's version at the last change, so that a page can ask "what is new".
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELED = "canceled"

    class Stage(models.TextChoices):
        IN_LINE = "in_line"
        DRAWING = "drawing"
        SAVING = "saving"

    id = models.UUIDField(primary_key=True)
    turn = models.ForeignKey("conversations.Turn", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    ordinal = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.QUEUED)
    stage = models.CharField(max_length=7, choices=Stage.choices, default=Stage.IN_LINE)
    job_id = models.BigIntegerField(null=True)
    lease_token = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    crashes = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    provider_seconds = models.FloatField(null=True)
    asset = models.OneToOneField("assets.Asset", null=True, on_delete=models.PROTECT, related_name="+")
    error_code = models.CharField(max_length=24, blank=True)
    error_reference = models.CharField(max_length=12, blank=True)
    version = models.BigIntegerField(default=0)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["turn", "position"], name="generation_once_per_position"),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "succeeded", "failed", "canceled"]),
                name="generation_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="running", lease_token__isnull=False) | ~Q(status="running"),
                name="generation_running_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(status="succeeded", asset__isnull=False)
                | (~Q(status="succeeded") & Q(asset=None)),
                name="generation_succeeded_has_its_image",
            ),
            models.CheckConstraint(
                condition=Q(status="failed") & ~Q(error_code="") | ~Q(status="failed") & Q(error_code=""),
                name="generation_failed_has_its_error",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "version"], name="generation_news"),
            models.Index(fields=["finished_at"], name="generation_ended"),
            models.Index(fields=["finished_at"], name="generation_kept", condition=Q(deleted_at=None)),
            models.Index(
                fields=["deleted_at"], name="generation_deleted", condition=Q(deleted_at__isnull=False)
            ),
            models.Index(
                fields=["user", "-finished_at", "-id"],
                name="generation_gallery",
                condition=Q(status="succeeded", deleted_at=None),
            ),
            models.Index(
                fields=["user"],
                name="generation_pending",
                condition=Q(status__in=["queued", "running"]) | Q(lease_token__isnull=False),
            ),
            models.Index(
                fields=["status", "heartbeat_at"],
                name="generation_alive",
                condition=Q(status__in=["queued", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.id}"
