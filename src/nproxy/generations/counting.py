"""What the clock counts of generations that have ended: running totals for the operators' pages and for metrics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection
from django.db.models import Min

from nproxy.generations.models import Generation
from nproxy.kit import tally

ROOM = "generations"

# The turn tells the mode; overhead is what was not the provider's time.
_ENDED = """
    SELECT generation.status, turn.mode, generation.error_code,
           date_trunc('hour', generation.finished_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC',
           width_bucket(seconds::float8, %(bounds)s::float8[]), width_bucket(overhead::float8, %(bounds)s::float8[]),
           count(*), sum(seconds), sum(overhead)
    FROM generations_generation AS generation
    JOIN conversations_turn AS turn ON turn.id = generation.turn_id,
    LATERAL (SELECT extract(epoch FROM generation.finished_at - generation.queued_at) AS seconds) AS whole,
    LATERAL (SELECT greatest(seconds - COALESCE(generation.provider_seconds, 0), 0) AS overhead) AS ours
    WHERE generation.finished_at > %(since)s AND generation.finished_at <= %(until)s
    GROUP BY 1, 2, 3, 4, 5, 6
"""


def count_ended(*, now: datetime) -> None:
    """Bring `generations` (status, mode), `errors` (code), `generation_seconds` and `overhead_seconds` up to date.

    The last two are of those that succeeded, from submit to stored. One that is retried counts each time it ends.
    """
    tally.advance(ROOM, now=now, first=_first, count=_ended)


def _first() -> datetime | None:
    first: datetime | None = Generation.objects.aggregate(at=Min("finished_at"))["at"]
    return first


def _ended(since: datetime, until: datetime) -> Iterator[tally.Counted]:
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, {"since": since, "until": until, "bounds": list(tally.BOUNDS)})
        for status, mode, code, hour, bucket, ours, count, seconds, overhead in cursor.fetchall():
            yield tally.Counted("generations", (status, mode), hour, None, count, float(seconds))
            if code:
                yield tally.Counted("errors", (code,), hour, None, count, 0)
            if status == "succeeded":
                yield tally.Counted("generation_seconds", (), hour, bucket, count, float(seconds))
                yield tally.Counted("overhead_seconds", (), hour, ours, count, float(overhead))
