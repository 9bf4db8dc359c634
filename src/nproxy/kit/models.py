"""Versions of what people see; what was counted; which processes are alive."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Version(models.Model):
    """A person's version: bumped under its row lock by every transaction that changes what they see."""

    person_id = models.BigIntegerField(primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.person_id}@{self.value}"


class Tally(models.Model):
    """How often something happened, and how much of it: in one hour, or (`hour` is tally.EVER) since the beginning.

    `amount` is a sum in the unit of its name; `buckets` counts by tally.BOUNDS, or is empty.
    """

    name = models.CharField(max_length=32)
    labels = ArrayField(models.CharField(max_length=64))
    hour = models.DateTimeField()
    count = models.BigIntegerField(default=0)
    amount = models.FloatField(default=0)
    buckets = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "hour", "labels"], name="tally_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.labels}"


class TallyMark(models.Model):
    """Up to when a room's happenings are counted; its row lock makes each count once."""

    room = models.CharField(max_length=32, primary_key=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.room} until {self.until}"


class Process(models.Model):
    """A process of this product that says every few seconds that it is alive."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=16)
    version = models.CharField(max_length=32)
    host = models.CharField(max_length=64)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    long_polls = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "processes"

    def __str__(self) -> str:
        return f"{self.kind} {self.host}/{self.pid}"
