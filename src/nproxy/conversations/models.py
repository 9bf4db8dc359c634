"""Who asked for what, in order."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q


class Conversation(models.Model):
    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "-touched_at"], name="conversation_of_user"),
            models.Index(
                fields=["deleted_at"], name="conversation_deleted", condition=Q(deleted_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)


class Draft(models.Model):
    """What a person has typed and attached in a conversation, or (without one) in the empty chat, and not sent.

    `source_ids` are weak: a picture that is gone is left out when the draft is read.
    """

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.CASCADE, related_name="+")
    prompt = models.TextField(blank=True)
    mode = models.CharField(max_length=16, blank=True)
    resolution = models.CharField(max_length=4, blank=True)
    aspect_ratio = models.CharField(max_length=8, blank=True)
    batch_size = models.PositiveSmallIntegerField(default=0)
    strength = models.CharField(max_length=8, blank=True)
    source_ids = ArrayField(models.UUIDField(), default=list)
    touched_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "conversation"], name="draft_once_per_conversation", nulls_distinct=False
            ),
        ]
        indexes: ClassVar = [GinIndex(fields=["source_ids"], name="draft_of_source")]

    def __str__(self) -> str:
        return self.prompt[:40]


class Turn(models.Model):
    """What the person sent: one prompt and one batch of 1, 2 or 4 wished images.

    `client_id` is made by the page, so that a repeated submit is the same turn; `digest` tells
    whether a repetition says the same thing. `words` is what a search looks into, kept by the database:
    in the `simple` configuration, because people write their prompts in whatever language they like.
    """

    class Mode(models.TextChoices):
        TEXT_TO_IMAGE = "text_to_image"
        IMAGE_TO_IMAGE = "image_to_image"

    id = models.UUIDField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="turns")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    client_id = models.UUIDField()
    digest = models.CharField(max_length=64)
    model = models.CharField(max_length=32)
    prompt = models.TextField()
    mode = models.CharField(max_length=16, choices=Mode.choices)
    resolution = models.CharField(max_length=4)
    aspect_ratio = models.CharField(max_length=8)
    strength = models.CharField(max_length=8, blank=True)
    batch_size = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    words = models.GeneratedField(
        expression=SearchVector("prompt", config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "client_id"], name="turn_once_per_client_id"),
            models.CheckConstraint(condition=Q(batch_size__in=[1, 2, 4]), name="turn_batch_is_1_2_or_4"),
            models.CheckConstraint(
                condition=Q(mode="text_to_image", strength="")
                | Q(mode="image_to_image", strength__in=["subtle", "balanced", "strong"]),
                name="turn_strength_goes_with_a_source",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["conversation", "created_at"], name="turn_of_conversation"),
            GinIndex(fields=["words"], name="turn_words"),
            models.Index(fields=["deleted_at"], name="turn_deleted", condition=Q(deleted_at__isnull=False)),
            models.Index(fields=["user", "-created_at"], name="turn_of_user"),
            models.Index(fields=["resolution", "-created_at"], name="turn_of_resolution"),
        ]

    def __str__(self) -> str:
        return self.prompt[:40]


class TurnSource(models.Model):
    """An image that the turn starts from, in the order the person gave them."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="sources")
    position = models.PositiveSmallIntegerField()
    asset = models.ForeignKey("assets.Asset", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["turn", "position"], name="source_once_per_position"),
        ]

    def __str__(self) -> str:
        return f"{self.turn_id}#{self.position}"
