"""Mails and alerts: rows first, sent afterwards."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Mail(models.Model):
    """One e-mail on its way out. `key` makes it unique: the same occasion never mails twice."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"

    key = models.CharField(max_length=128, unique=True)
    kind = models.CharField(max_length=64)
    recipient = models.EmailField(max_length=254)
    subject = models.CharField(max_length=255)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    unsubscribe = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "sent", "failed"]), name="mail_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}"


class Alert(models.Model):
    """Something the operator should know. The bot process sends what has no `sent_at`."""

    class Severity(models.TextChoices):
        INFO = "info"
        WARNING = "warning"
        CRITICAL = "critical"

    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=128, blank=True)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    text = models.TextField()
    created_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="alert_unsent", condition=models.Q(sent_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
