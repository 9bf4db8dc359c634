"""Whose turn it is. The attempt row opens with the lease; `reporting` closes it.

The pool's cursor row is locked first, in a statement of its own but in the same round trip and transaction:
what the next statement sees then includes every lease before it, so turns and caps are exact across workers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from nproxy.providers.rules import CAPABILITIES
from nproxy.providers.rules.attempt import Lease
from nproxy.providers.rules.proxies import SKIP, SUCCESS_NOTED

# Nobody waits for the disk while everybody waits for the cursor: what a crash of the whole server may forget
# is the last moment's turns, and their attempts, not what came of them.
_LOCK = """
    SET LOCAL synchronous_commit TO off;
    SELECT 1 FROM providers_cursor WHERE pool = %(pool)s FOR NO KEY UPDATE;
"""

_KEYS = "providers_providerkey key LEFT JOIN providers_proxy proxy ON proxy.id = key.proxy_id"
_IS_SKIPPED = "COALESCE(proxy.skipped_at > %(now)s - %(skip)s, FALSE)"
# What both kinds of lease ask of a key, its cooldown aside.
_IS_IN_SERVICE = f"""
    key.provider = ANY(%(providers)s) AND key.state = 'active' AND NOT key.id = ANY(%(tried)s)
    AND NOT (COALESCE(proxy.is_required, FALSE) AND {_IS_SKIPPED})
    AND (key.max_in_flight IS NULL OR key.max_in_flight > (
        SELECT count(*) FROM providers_attempt flight
        WHERE flight.key_id = key.id AND flight.finished_at IS NULL))
    AND (key.max_per_minute IS NULL OR key.max_per_minute > (
        SELECT count(*) FROM providers_attempt recent
        WHERE recent.key_id = key.id AND recent.started_at > %(now)s - interval '1 minute'))
"""  # noqa: S608 - put together from the constants above
# A proxy that was skipped long enough is tried by one lease alone: for the others its time begins anew.
# Both parts below see the proxy as it was before that.
_OPEN = f"""
    , probe AS (
        UPDATE providers_proxy SET skipped_at = %(now)s
        FROM turn JOIN providers_providerkey key ON key.id = turn.key_id
        WHERE providers_proxy.id = key.proxy_id AND skipped_at <= %(now)s - %(skip)s
    ), way AS (
        SELECT key.*, turn.started_at, turn.is_last_resort,
               proxy.name AS proxy_name, proxy.sealed_url, proxy.is_required,
               proxy.failures = 0 AND proxy.last_success_at > %(now)s - %(noted)s AS is_well,
               CASE WHEN NOT {_IS_SKIPPED} THEN proxy.id END AS via
        FROM turn JOIN ({_KEYS}) ON key.id = turn.key_id
    ), attempt AS (
        INSERT INTO providers_attempt (work, key_id, provider, route, proxy_id, is_last_resort, started_at,
                                       verdict, detail, model_version, bytes_in)
        SELECT %(work)s, id, provider, CASE WHEN via IS NULL THEN 'direct' ELSE 'proxy' END, via,
               is_last_resort, started_at, '', '', '', 0
        FROM way
        RETURNING id
    )
    SELECT attempt.id, %(work)s::uuid, way.id, provider, label, account, fingerprint, sealed_secret,
           failures = 0 AND cooldown_until IS NULL, is_last_resort, started_at,
           via, CASE WHEN via IS NULL THEN '' ELSE proxy_name END, CASE WHEN via IS NOT NULL THEN sealed_url END,
           via IS NOT NULL AND is_required, via IS NOT NULL AND COALESCE(is_well, FALSE)
    FROM attempt, way
"""  # noqa: S608 - put together from the constants above

# ON CONFLICT also makes the cursor, at a pool's very first lease. The attempt's id is drawn under the
# cursor's lock, so attempts are numbered in the order of turns.
_NEXT = f"""{_LOCK}
    WITH usable AS MATERIALIZED (
        SELECT key.id, key.provider <> ALL(%(later)s) AS is_preferred FROM {_KEYS}
        WHERE {_IS_IN_SERVICE} AND (key.cooldown_until IS NULL OR key.cooldown_until <= %(now)s)
    ), eligible AS MATERIALIZED (
        SELECT id FROM usable WHERE is_preferred OR NOT (SELECT bool_or(is_preferred) FROM usable)
    ), turn AS (
        INSERT INTO providers_cursor AS cursor (pool, last_key_id)
        SELECT %(pool)s, min(id) FROM eligible HAVING count(*) > 0
        ON CONFLICT (pool) DO UPDATE SET last_key_id = COALESCE(
            (SELECT min(id) FROM eligible WHERE id > cursor.last_key_id), EXCLUDED.last_key_id)
        RETURNING last_key_id AS key_id, %(now)s::timestamptz AS started_at, FALSE AS is_last_resort
    )
    {_OPEN}
"""  # noqa: S608 - put together from the constants above

# A key that came back since the look before goes first: in one statement none slips through in between.
# The attempt begins after the cooldown that it is tried out of, whatever two workers' clocks say.
_LAST_RESORT = f"""{_LOCK}
    WITH turn AS MATERIALIZED (
        SELECT key.id AS key_id, GREATEST(%(now)s, CASE WHEN is_cooling THEN since END) AS started_at,
               is_cooling AS is_last_resort
        FROM {_KEYS}, LATERAL (
            SELECT COALESCE(key.cooldown_until > %(now)s, FALSE) AS is_cooling,
                   key.cooldown_since + interval '1 microsecond' AS since
        ) rest
        WHERE {_IS_IN_SERVICE} AND (NOT is_cooling OR key.suspect <> %(work)s)
        ORDER BY is_cooling, key.cooldown_since, key.id LIMIT 1
    )
    {_OPEN}
"""  # noqa: S608 - put together from the constants above

# The same key once more, unless it has been stopped or cooled since it was leased.
_DIRECT = """
    INSERT INTO providers_attempt (work, key_id, provider, route, is_last_resort, started_at,
                                   verdict, detail, model_version, bytes_in)
    SELECT %(work)s, id, provider, 'direct', %(is_last_resort)s, %(now)s, '', '', '', 0
    FROM providers_providerkey
    WHERE id = %(key)s AND state = 'active'
      AND (%(is_last_resort)s OR cooldown_until IS NULL OR cooldown_until <= %(now)s)
    RETURNING id
"""


def lease(
    *,
    pool: str,
    work: UUID,
    tried: Collection[int],
    now: datetime,
    without: Collection[str] = (),
    later: Collection[str] = (),
) -> Lease | None:
    """The next eligible key of the pool (a model's name) by exact round robin, its attempt row opened.

    Never one of `tried` (key ids), never of a provider in `without`, of one in `later` only when no other
    has a key. None when no key is eligible. Call outside a transaction: others wait for the cursor until
    it ends.
    """
    facts = _facts(pool, work, tried, without, now)
    return _leased(_NEXT, facts | {"later": list(later)})


def lease_last_resort(
    *, pool: str, work: UUID, tried: Collection[int], now: datetime, without: Collection[str] = ()
) -> Lease | None:
    """When no key is eligible: the one that cools longest of those that a 5xx of one other generation put
    there. None without such a key. It stays in its cooldown until this attempt succeeds."""
    return _leased(_LAST_RESORT, _facts(pool, work, tried, without, now))


def lease_direct(*, lease: Lease, now: datetime) -> Lease | None:
    """The same key without its proxy, at once: a new attempt row. None when the key has meanwhile been
    stopped or cooled."""
    started_at = max(now, lease.started_at)
    facts: dict[str, Any] = {
        "work": lease.work,
        "key": lease.key_id,
        "is_last_resort": lease.is_last_resort,
        "now": started_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DIRECT, facts)
        row = cursor.fetchone()
    if row is None:
        return None
    return replace(
        lease,
        attempt_id=row[0],
        started_at=started_at,
        proxy_id=None,
        proxy_name="",
        sealed_proxy=None,
        proxy_is_required=False,
        proxy_has_clean_record=False,
    )


def _facts(
    pool: str, work: UUID, tried: Collection[int], without: Collection[str], now: datetime
) -> dict[str, Any]:
    return {
        "pool": pool,
        "work": work,
        "now": now,
        "tried": list(tried),
        "providers": list(CAPABILITIES[pool].providers - set(without)),
        "skip": SKIP,
        "noted": SUCCESS_NOTED,
    }


def _leased(statement: str, facts: dict[str, Any]) -> Lease | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        cursor.nextset()  # after the setting,
        cursor.nextset()  # and the lock
        row = cursor.fetchone()
    return None if row is None else Lease(*row)
