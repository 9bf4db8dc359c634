"""Whose turn it is, and what became of it: the attempt row opens with the lease and closes with the report."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from nproxy.notifications import actions as notifications
from nproxy.providers.models import Attempt, ProviderKey
from nproxy.providers.rules import CAPABILITIES, Classified, Verdict
from nproxy.providers.rules.attempt import Lease, Outcome
from nproxy.providers.rules.health import ACTIVE, Limits, health_after
from nproxy.providers.rules.news import news

ATTEMPTS_KEPT = timedelta(days=90)
# Beyond the time limits: the wait for room to read in, a slow database.
LOST_MARGIN = timedelta(minutes=2)

# One statement, so that the pool's cursor row is locked for as short as can be. ON CONFLICT locks that row
# before it looks at `last_key_id`, which makes the turns exact across workers; the attempt's id is drawn
# under the same lock, so attempts are numbered in the order of turns.
_LEASE = """
    WITH eligible AS MATERIALIZED (
        SELECT id FROM providers_providerkey
        WHERE provider = ANY(%(providers)s) AND state = 'active'
          AND (cooldown_until IS NULL OR cooldown_until <= %(now)s)
          AND NOT id = ANY(%(tried)s)
    ), turn AS (
        INSERT INTO providers_cursor AS cursor (pool, last_key_id)
        SELECT %(pool)s, min(id) FROM eligible HAVING count(*) > 0
        ON CONFLICT (pool) DO UPDATE SET last_key_id = COALESCE(
            (SELECT min(id) FROM eligible WHERE id > cursor.last_key_id), EXCLUDED.last_key_id)
        RETURNING last_key_id
    ), attempt AS (
        INSERT INTO providers_attempt
            (work, key_id, provider, route, started_at, verdict, detail, model_version, bytes_in)
        SELECT %(work)s, key.id, key.provider, 'direct', %(now)s, '', '', '', 0
        FROM turn JOIN providers_providerkey key ON key.id = turn.last_key_id
        RETURNING id, key_id
    )
    SELECT attempt.id, key.id, key.provider, key.label, key.account, key.fingerprint, key.sealed_secret,
           key.failures = 0 AND key.cooldown_until IS NULL, %(now)s::timestamptz
    FROM attempt JOIN providers_providerkey key ON key.id = attempt.key_id
"""


def lease(
    *, pool: str, work: UUID, tried: Collection[int], now: datetime, without: Collection[str] = ()
) -> Lease | None:
    """The next eligible key of the pool (a model's name) by exact round robin, its attempt row opened.

    Never one of `tried` (key ids), never of a provider in `without`. None when no key is eligible.
    Call outside a transaction: others wait for the cursor until it ends.
    """
    providers = CAPABILITIES[pool].providers - set(without)
    facts = {"pool": pool, "work": work, "now": now, "tried": list(tried), "providers": list(providers)}
    with connection.cursor() as cursor:
        cursor.execute(_LEASE, facts)  # type: ignore[arg-type]  # psycopg takes UUIDs and lists as they are
        row = cursor.fetchone()
    return None if row is None else Lease(*row)


def report(lease: Lease, outcome: Outcome, *, now: datetime) -> None:
    """Close the attempt and let it change the key's health, in one transaction, with its alerts.

    An attempt that was closed meanwhile (swept as lost) changes nothing. Good news about a key without
    a blemish changes nothing either, whatever happened since, so the key is not even looked at.
    """
    verdict = outcome.classified.verdict
    if lease.has_clean_record and verdict in (Verdict.SUCCESS, Verdict.USER_ERROR, Verdict.NO_IMAGE):
        _close(lease, outcome, now)
        return
    with transaction.atomic():
        if _close(lease, outcome, now):
            _apply(lease, outcome.classified, now)


def close_lost_attempts(*, now: datetime) -> int:
    """Close attempts that no living worker can still be at, as `lost`; returns how many."""
    longest = settings.NPROXY_CONNECT_TIMEOUT + 2 * settings.NPROXY_READ_TIMEOUT_4K
    oldest = now - timedelta(seconds=longest) - LOST_MARGIN
    return Attempt.objects.filter(finished_at=None, started_at__lt=oldest).update(
        finished_at=now, verdict=Verdict.LOST, detail="the worker went away during the attempt"
    )


def forget_old_attempts(*, now: datetime) -> int:
    """Delete closed attempts of more than 90 days ago; returns how many."""
    old = Attempt.objects.filter(finished_at__isnull=False, started_at__lt=now - ATTEMPTS_KEPT)
    return old.delete()[0]


def _close(lease: Lease, outcome: Outcome, now: datetime) -> bool:
    closed = Attempt.objects.filter(id=lease.attempt_id, finished_at=None).update(
        finished_at=now,
        verdict=outcome.classified.verdict,
        http_status=outcome.http_status,
        detail=outcome.classified.detail,
        model_version=outcome.model_version,
        bytes_in=outcome.bytes_in,
        cost_microusd=outcome.cost_microusd,
    )
    return closed == 1


def _apply(lease: Lease, classified: Classified, now: datetime) -> None:
    """Locks the keys concerned in the order of their ids: two reports never wait for each other."""
    keys = ProviderKey.objects.filter(id=lease.key_id)
    if classified.account_wide and lease.account:
        keys = ProviderKey.objects.filter(provider=lease.provider, account=lease.account)
    locked = {key.pk: key for key in keys.order_by("id").select_for_update(no_key=True)}
    own = locked.pop(lease.key_id, None)
    if own is None:
        return  # removed meanwhile
    limits = Limits(timedelta(seconds=settings.NPROXY_COOLDOWN_SECONDS), settings.NPROXY_MAX_FAILURES)
    before = own.health()
    after = health_after(before, classified, started_at=lease.started_at, now=now, limits=limits)
    told = news(f"Key {own.label} ({own.provider})", classified, before, after)
    if told is not None:
        notifications.alert(
            kind=told.kind, text=told.text, now=now, subject=own.label, severity=told.severity
        )
    if after == before:
        return
    own.keep(after)
    for key in locked.values():  # the account's money is gone for each of them that is no news itself
        health = key.health()
        if health.state == ACTIVE and health.state_since <= lease.started_at:
            key.keep(after)
