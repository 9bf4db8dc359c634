"""What comparing both books showed, each time an operator asked."""

from __future__ import annotations

from django.db import models


class Reconciliation(models.Model):
    """One report, as it was then; a trigger keeps it as it is. Values in US cents.

    `unread` are the numbers of payments that the processor did not show, `differences` what `rules.report.Line` says
    of those on which the books do not agree.
    """

    asked_by = models.CharField(max_length=254)
    made_at = models.DateTimeField()
    read = models.PositiveIntegerField()
    theirs_cents = models.BigIntegerField()
    ours_cents = models.BigIntegerField()
    activated = models.PositiveIntegerField()
    in_review = models.PositiveIntegerField()
    unvalued = models.PositiveIntegerField()
    unread = models.JSONField(default=list)
    differences = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"reconciliation {self.pk}"
