"""Who may talk to the bot, what it owes whom, and what it has already taken in."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Role(models.TextChoices):
    OPERATOR = "operator"
    VIEWER = "viewer"


class Admin(models.Model):
    """Somebody on the allow-list. Revoked for good: who comes back is paired anew, in a row of their own."""

    telegram_id = models.BigIntegerField()
    name = models.CharField(max_length=128)
    username = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=8, choices=Role.choices)
    paired_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    # Since when Telegram refuses to bring them messages: they blocked the bot.
    blocked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["telegram_id"], name="telegram_admin_is_one", condition=Q(revoked_at=None)
            ),
            models.CheckConstraint(
                condition=Q(role__in=["operator", "viewer"]), name="telegram_admin_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Pairing(models.Model):
    """A stranger who opened the bot. The code that they were told is derived from `id`, and stored nowhere."""

    class State(models.TextChoices):
        PENDING = "pending"
        PAIRED = "paired"
        REJECTED = "rejected"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    telegram_id = models.BigIntegerField()
    name = models.CharField(max_length=128)
    username = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    requested_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "paired", "rejected"]),
                name="telegram_pairing_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", ended_at=None)
                | (~Q(state="pending") & Q(ended_at__isnull=False)),
                name="telegram_pairing_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class Invitation(models.Model):
    """A link that lets one person in past the queue. Its word is derived from `id`, and stored nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    role = models.CharField(max_length=8, choices=Role.choices)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.role} until {self.expires_at}"


class TakenUpdate(models.Model):
    """An update of the bot that was handled, in the transaction that holds what came of it: never twice."""

    bot_id = models.BigIntegerField()
    update_id = models.BigIntegerField()
    taken_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bot_id", "update_id"], name="telegram_update_is_taken_once"),
        ]

    def __str__(self) -> str:
        return f"{self.bot_id}:{self.update_id}"


class Message(models.Model):
    """One message in a chat, through its life: what it shall say (`revision`) and what it says (`sent_revision`).

    `key`, if any, names the occasion. `text` is Telegram's HTML, `keyboard` rows of [label, data]. `number` is its
    id in the chat once it is there.
    """

    class Purpose(models.TextChoices):
        REPLY = "reply"
        SCREEN = "screen"
        ALERT = "alert"
        SUMMARY = "summary"

    chat_id = models.BigIntegerField()
    key = models.CharField(max_length=128, blank=True)
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    incident = models.ForeignKey(
        "notifications.Incident", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    pairing = models.ForeignKey(Pairing, null=True, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    keyboard = models.JSONField(default=list)
    is_silent = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    sent_revision = models.PositiveIntegerField(default=0)
    number = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key"], name="telegram_message_is_owed_once", condition=~Q(key="")
            ),
            models.UniqueConstraint(
                fields=["chat_id", "number"],
                name="telegram_message_is_one",
                condition=Q(number__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(sent_revision__lte=F("revision")), name="telegram_message_sends_what_is_written"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                name="telegram_message_unsent",
                condition=Q(given_up_at=None) & Q(sent_revision__lt=F("revision")),
            ),
            models.Index(fields=["chat_id", "purpose", "created_at"], name="telegram_message_of_chat"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} to {self.chat_id}"


class Question(models.Model):
    """Whether someone is sure: one deed, asked of one admin about one state of one thing, to be answered within a minute."""

    token = models.CharField(max_length=32, primary_key=True)
    admin = models.ForeignKey(Admin, on_delete=models.CASCADE, related_name="+")
    deed = models.CharField(max_length=32)
    target = models.CharField(max_length=64)
    version = models.CharField(max_length=32)
    asked_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.deed} {self.target}"


class Bot(models.Model):
    """A bot that our process speaks for, as Telegram calls it, and when the process last had an answer."""

    bot_id = models.BigIntegerField(primary_key=True)
    username = models.CharField(max_length=64)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.username
