"""What the ledger answers: exact figures for operators, a bucket for everyone else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum

from nproxy.quota.models import Entry, Hold, Quota
from nproxy.quota.rules import Counters, bucket, recount


@dataclass(frozen=True, slots=True)
class Difference:
    """A quota whose row does not say what its journal, or its holds, add up to."""

    quota_id: int
    row: Counters
    journal: Counters
    holds_open: int
    holds_captured: int
    unpaid: int
    holds_unpaid: int


def bucket_of(quota_id: int) -> int:
    """The percentage that its person sees: 0, 20, … 100, from what is not yet captured."""
    quota = Quota.objects.get(pk=quota_id)
    return bucket(quota.limit - quota.used, quota.limit)


def counters(quota_id: int) -> Counters:
    """The exact figures. For operators only: no page of a person may show them."""
    quota = Quota.objects.get(pk=quota_id)
    return Counters(limit=quota.limit, used=quota.used, held=quota.held)


def refused_by_policy(user_id: int, since: datetime) -> int:
    """How many of the person's requests the model has declined as against its policy after `since`."""
    refused = Hold.objects.filter(quota__user_id=user_id, unpaid=Hold.Unpaid.POLICY, resolved_at__gt=since)
    return refused.count()


def verify() -> list[Difference]:
    """Recompute every quota from its entries and its holds; those that differ."""
    journals: dict[int, list[tuple[str, int]]] = {}
    sums = Entry.objects.values_list("quota_id", "kind").annotate(total=Sum("units"))
    for quota_id, kind, total in sums.order_by():
        journals.setdefault(quota_id, []).append((kind, total))
    holds = {
        quota_id: (still_open, captured, unpaid)
        for quota_id, still_open, captured, unpaid in Hold.objects.values_list("quota_id")
        .annotate(
            still_open=Count("id", filter=Q(state="held")),
            captured=Count("id", filter=Q(state="captured")),
            in_vain=Count("id", filter=~Q(unpaid="")),
        )
        .order_by()
    }
    differences = []
    for quota in Quota.objects.order_by("pk").iterator():
        row = Counters(limit=quota.limit, used=quota.used, held=quota.held)
        journal = recount(journals.get(quota.pk, []))
        counted = holds.get(quota.pk, (0, 0, 0))
        if row != journal or (row.held, row.used, quota.unpaid) != counted:
            still_open, captured, in_vain = counted
            differences.append(
                Difference(quota.pk, row, journal, still_open, captured, quota.unpaid, in_vain)
            )
    return differences
