"""Versions of what people see."""

from __future__ import annotations

from django.db import models


class Version(models.Model):
    """A person's version: bumped under its row lock by every transaction that changes what they see."""

    person_id = models.BigIntegerField(primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.person_id}@{self.value}"
