"""Mails, alerts and what they add up to: rows first, sent afterwards."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models

from nproxy.notifications.rules.incidents import Standing

# How long it may take to tell an operator.
TELLING = timedelta(minutes=10)


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
        indexes: ClassVar = [
            models.Index(fields=["recipient", "-id"], name="mail_of_person"),
            models.Index(fields=["created_at"], name="mail_failed", condition=models.Q(state="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}"


class Incident(models.Model):
    """All alerts of one kind about one subject, until it is closed: what operators are told of, once, with a count."""

    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=128, blank=True)
    severity = models.CharField(max_length=8)
    text = models.TextField()
    count = models.PositiveIntegerField()
    opened_at = models.DateTimeField(db_index=True)
    last_at = models.DateTimeField()
    recovered_at = models.DateTimeField(null=True)
    recovery = models.TextField(blank=True)
    told_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(null=True)
    told_severity = models.CharField(max_length=8, blank=True)
    told_count = models.PositiveIntegerField(default=0)
    hushed_until = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject"], name="incident_is_open_once", condition=models.Q(closed_at=None)
            ),
            models.CheckConstraint(
                condition=models.Q(severity__in=["info", "warning", "critical"]),
                name="incident_severity_is_known",
            ),
            models.CheckConstraint(condition=models.Q(count__gte=1), name="incident_has_happened"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    def standing(self) -> Standing:
        """The row as the rules see it."""
        return Standing(**{field.name: getattr(self, field.name) for field in fields(Standing)})


class AlertQuerySet(models.QuerySet["Alert"]):
    def overdue(self, now: datetime) -> AlertQuerySet:
        """Trouble that goes on, and of which no operator has been told for ten minutes."""
        goes_on = models.Q(incident=None) | models.Q(incident__closed_at=None)
        return self.filter(goes_on, sent_at=None, is_recovery=False, created_at__lt=now - TELLING)


class Alert(models.Model):
    """Something the operators should know, or (`is_recovery`) that it is over.

    Gathered into its incident soon after; `sent_at` is when a message about that has reached an operator.
    """

    class Severity(models.TextChoices):
        INFO = "info"
        WARNING = "warning"
        CRITICAL = "critical"

    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=128, blank=True)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    text = models.TextField()
    is_recovery = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_index=True)
    gathered_at = models.DateTimeField(null=True)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="alerts")
    sent_at = models.DateTimeField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="alert_unsent", condition=models.Q(sent_at=None)),
            models.Index(fields=["id"], name="alert_ungathered", condition=models.Q(gathered_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
