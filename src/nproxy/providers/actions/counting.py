"""What the clock counts of the calls that were made: running totals, and how keys, proxies and providers stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Min

from nproxy.kit import tally
from nproxy.providers.models import Attempt, Standing

ROOM = "providers"

# Found by when they began, which has the index; none stays open for a day.
_ENDED = """
    SELECT provider, verdict, date_trunc('hour', finished_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC',
           width_bucket(extract(epoch FROM finished_at - started_at)::float8, %(bounds)s::float8[]),
           count(*), sum(extract(epoch FROM finished_at - started_at)), COALESCE(sum(cost_microusd), 0)
    FROM providers_attempt
    WHERE started_at > %(since)s::timestamptz - interval '1 day'
      AND finished_at > %(since)s AND finished_at <= %(until)s
    GROUP BY 1, 2, 3, 4
"""
_STANDINGS = """
    SELECT provider, key_id, proxy_id, grouping(provider, key_id, proxy_id), count(*),
           count(*) FILTER (WHERE verdict = 'success'),
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at))
               FILTER (WHERE verdict = 'success')
    FROM providers_attempt
    WHERE started_at > %(since)s AND finished_at IS NOT NULL
    GROUP BY GROUPING SETS ((provider), (key_id), (proxy_id))
"""
# What `grouping` answers for each of the three sets: a bit is set for what a row is not grouped by.
_SCOPES = {3: Standing.Scope.PROVIDER, 5: Standing.Scope.KEY, 6: Standing.Scope.PROXY}


def count_attempts(*, now: datetime) -> None:
    """Bring the totals `attempts` (provider, verdict; seconds) and `spend` (provider; millionths of a USD) up to date."""
    tally.advance(ROOM, now=now, first=_first, count=_ended)


def _first() -> datetime | None:
    # By when it began: nothing has ended before, and that has the index.
    first: datetime | None = Attempt.objects.aggregate(at=Min("started_at"))["at"]
    return first


def _ended(since: datetime, until: datetime) -> Iterator[tally.Counted]:
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, {"since": since, "until": until, "bounds": list(tally.BOUNDS)})
        for provider, verdict, hour, bucket, count, seconds, cost in cursor.fetchall():
            yield tally.Counted("attempts", (provider, verdict), hour, bucket, count, float(seconds))
            yield tally.Counted("spend", (provider,), hour, None, count, float(cost))


def refresh_standings(*, hours: int, now: datetime) -> None:
    """Measure the last `hours` anew: success and latency of each provider, key and proxy (0: direct)."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS, {"since": now - timedelta(hours=hours)})
        rows = cursor.fetchall()
    standings = [
        Standing(
            scope=_SCOPES[grouping],
            subject=str(provider or key_id or proxy_id or 0),
            hours=hours,
            attempts=attempts,
            successes=successes,
            p50=percentiles[0] if percentiles else None,
            p95=percentiles[1] if percentiles else None,
            measured_at=now,
        )
        for provider, key_id, proxy_id, grouping, attempts, successes, percentiles in rows
    ]
    with transaction.atomic():
        Standing.objects.filter(hours=hours).delete()
        Standing.objects.bulk_create(standings)
