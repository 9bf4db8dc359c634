"""Rows that have had their time, however many there are."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

AT_ONCE = 5_000


def forget(rows: QuerySet[Any], *, at_once: int = AT_ONCE) -> int:
    """Delete them in pieces that each stay deleted: one statement for all would pass its time limit some day, and
    then every day. Returns how many rows that were, with those that hung on them. Not inside a transaction.
    """
    gone = 0
    while piece := list(rows.values_list("pk", flat=True)[:at_once]):
        gone += rows.model._default_manager.filter(pk__in=piece).delete()[0]
    return gone
