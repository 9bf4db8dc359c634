"""Each time a backup was made, or should have been."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class BackupRun(models.Model):
    """One backup: where to, how it went. `error` is in words, and empty unless it failed."""

    class State(models.TextChoices):
        RUNNING = "running"
        OK = "ok"
        FAILED = "failed"

    started_at = models.DateTimeField(db_index=True)
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    location = models.CharField(max_length=500)
    size = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "ok", "failed"]), name="backup_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="running", finished_at=None) | ~Q(state="running") & ~Q(finished_at=None),
                name="backup_has_an_end_unless_it_runs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.location}"
