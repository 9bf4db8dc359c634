"""What the pictures take, measured by the clock for the operators' home."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Sum

from nproxy.assets.models import Asset, Rendition
from nproxy.kit import tally


def measure_storage(*, now: datetime) -> None:
    """Keep what the pictures take: figures `storage` of `drawn`, `upload` and `rendition`, in bytes."""
    for kind in Asset.Kind.values:
        kept = Asset.objects.live().filter(kind=kind).aggregate(n=Count("id"), size=Sum("size"))
        tally.put("storage", (kind,), count=kept["n"], amount=kept["size"] or 0)
    smaller = Rendition.objects.filter(asset__deleted_at=None).aggregate(n=Count("id"), size=Sum("size"))
    tally.put("storage", ("rendition",), count=smaller["n"], amount=smaller["size"] or 0)
