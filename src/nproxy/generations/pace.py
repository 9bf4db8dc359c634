"""How long pictures take, measured from the real ones; for people who wait."""

from __future__ import annotations

from datetime import datetime

from nproxy.generations.models import Generation, Pace
from nproxy.generations.rules import LOOKED_AT, usual
from nproxy.providers.rules import CAPABILITIES


def measure(*, now: datetime) -> None:
    """Write down the pace of every resolution that enough pictures were drawn in. Called by the clock.

    Goes back along the newest turns of a resolution, so it reads little however many pictures there are.
    """
    for resolution in sorted({size for can in CAPABILITIES.values() for size in can.resolutions}):
        span = usual(_seconds(resolution))
        if span is not None:
            half, most = span
            row = {"half_seconds": half, "most_seconds": most, "measured_at": now}
            Pace.objects.update_or_create(resolution=resolution, defaults=row)


def _seconds(resolution: str) -> list[float]:
    done = Generation.objects.filter(turn__resolution=resolution, status=Generation.Status.SUCCEEDED)
    moments = done.order_by("-turn__created_at").values_list("queued_at", "finished_at")[:LOOKED_AT]
    return [(finished - queued).total_seconds() for queued, finished in moments if finished]
