"""The line in which all workers stand before they call a processor."""

from __future__ import annotations

from django.db import models


class ProcessorLine(models.Model):
    """When the next call to a processor may begin; none before `rests_until`. By the database's own clock."""

    processor = models.CharField(max_length=16, primary_key=True)
    free_at = models.DateTimeField()
    rests_until = models.DateTimeField()
    rest_seconds = models.FloatField(
        help_text="how long the next rest is, unless the processor names a longer one"
    )

    def __str__(self) -> str:
        return f"line to {self.processor}"
