"""Pictures, their smaller forms, and many of them in one file."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class AssetQuerySet(models.QuerySet["Asset"]):
    def live(self) -> AssetQuerySet:
        """Those that nobody deleted."""
        return self.filter(deleted_at=None)


class Asset(models.Model):
    """An image of a person: one that a provider drew, or one that the person uploaded as a source.

    `width`, `height`, `size` (bytes) and `media_type` are read from the bytes, never believed.
    A deleted one (`deleted_at`) is gone from every page at once; its files follow when it can no longer be restored.
    """

    class Kind(models.TextChoices):
        DRAWN = "drawn"
        UPLOAD = "upload"

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    path = models.CharField(max_length=200, unique=True)
    media_type = models.CharField(max_length=16)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    placeholder = models.TextField(blank=True, help_text="a tiny data: image shown while the real one loads")
    created_at = models.DateTimeField()
    favoured_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = AssetQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(media_type__in=["image/png", "image/jpeg", "image/webp"]),
                name="asset_media_type_is_served",
            ),
            models.CheckConstraint(condition=Q(kind__in=["drawn", "upload"]), name="asset_kind_is_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "-created_at"], name="asset_of_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Rendition(models.Model):
    """A smaller WebP of an asset, `width` pixels wide at the most: 320, 640 or 1280."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="renditions")
    variant = models.PositiveSmallIntegerField()
    path = models.CharField(max_length=200, unique=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["asset", "variant"], name="rendition_once_per_variant"),
            models.CheckConstraint(
                condition=Q(variant__in=[320, 640, 1280]), name="rendition_variant_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset_id}/{self.variant}"


class Export(models.Model):
    """Originals that a person wants in one zip file: packed by a worker, kept for a day.

    `path` is empty until the file is whole; `version` is the person's version at the last change.
    """

    class Status(models.TextChoices):
        PACKING = "packing"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PACKING)
    count = models.PositiveIntegerField()
    path = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    version = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=["packing", "ready", "failed"]), name="export_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status="ready", ready_at__isnull=False) & ~Q(path="")
                | ~Q(status="ready") & Q(path="", ready_at=None),
                name="export_ready_has_its_file",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "version"], name="export_news")]

    def __str__(self) -> str:
        return f"{self.count} pictures {self.status}"


class ExportItem(models.Model):
    """A picture of an export, under the name that it has in the file."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["export", "position"], name="export_item_once_per_position"),
            models.UniqueConstraint(fields=["export", "name"], name="export_item_once_per_name"),
        ]

    def __str__(self) -> str:
        return self.name
