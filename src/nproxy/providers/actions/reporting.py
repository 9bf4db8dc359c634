"""What became of an attempt: its row is closed once, and what it says reaches key, account and proxy.

Rows are locked in one order: the attempt, the keys by their ids, the proxy. Two reports never wait for
each other in a ring.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from nproxy.kit.retention import forget
from nproxy.notifications import actions as notifications
from nproxy.providers.adapters.calls import longest_drawing
from nproxy.providers.models import Attempt, ProviderKey, Proxy
from nproxy.providers.rules import Verdict
from nproxy.providers.rules.attempt import Lease, Outcome
from nproxy.providers.rules.health import ACTIVE, Limits, health_after, out_with_account
from nproxy.providers.rules.news import News, balance_news, news, proxy_news
from nproxy.providers.rules.proxies import proxy_after
from nproxy.providers.rules.telling import OFFERED_BY

ATTEMPTS_KEPT = timedelta(days=90)
# Beyond the time limits: the wait for room to read in, a slow database.
LOST_MARGIN = timedelta(minutes=2)
GOOD_NEWS = frozenset({Verdict.SUCCESS, Verdict.USER_ERROR, Verdict.NO_IMAGE})

# What a call cost comes off the balance in the same statement; one that falls to zero is asked for anew.
_CLOSE = """
    WITH closed AS (
        UPDATE providers_attempt
        SET finished_at = %(now)s, verdict = %(verdict)s, http_status = %(http_status)s, detail = %(detail)s,
            model_version = %(model_version)s, bytes_in = %(bytes_in)s, prompt_tokens = %(prompt_tokens)s,
            text_tokens = %(text_tokens)s, image_tokens = %(image_tokens)s, cost_microusd = %(cost)s
        WHERE id = %(id)s AND finished_at IS NULL
        RETURNING key_id
    ), spent AS (
        UPDATE providers_providerkey key
        SET balance_microusd = balance_microusd - %(spent)s,
            balance_due_at = CASE WHEN balance_microusd > 0 AND balance_microusd <= %(spent)s
                THEN %(now)s ELSE balance_due_at END
        FROM closed
        WHERE key.id = closed.key_id AND balance_microusd IS NOT NULL AND %(spent)s > 0
        RETURNING balance_microusd, low_balance_microusd
    )
    SELECT balance_microusd, low_balance_microusd FROM closed LEFT JOIN spent ON TRUE
"""


def report(lease: Lease, outcome: Outcome, *, now: datetime) -> None:
    """Close the attempt and let it change the health of its key and its proxy, with its alerts: one
    transaction. Safe to repeat.

    An attempt that was closed meanwhile (swept as lost) changes nothing. Good news about a key and a proxy
    without a blemish change nothing either, whatever happened since, so the two are not even looked at.
    """
    if _is_no_news(lease, outcome):
        _close(lease, outcome, now)
        return
    with transaction.atomic():
        if _close(lease, outcome, now):
            _apply_to_keys(lease, outcome, now)
            if lease.proxy_id is not None:
                _apply_to_proxy(lease.proxy_id, lease, outcome, now)


def close_lost_attempts(*, now: datetime) -> int:
    """Close attempts that no living worker can still be at, as `lost`; returns how many."""
    oldest = now - timedelta(seconds=longest_drawing()) - LOST_MARGIN
    return Attempt.objects.filter(finished_at=None, started_at__lt=oldest).update(
        finished_at=now, verdict=Verdict.LOST, detail="the worker went away during the attempt"
    )


def forget_old_attempts(*, now: datetime) -> int:
    """Delete closed attempts of more than 90 days ago; returns how many."""
    old = Attempt.objects.filter(finished_at__isnull=False, started_at__lt=now - ATTEMPTS_KEPT)
    return forget(old)


def _is_no_news(lease: Lease, outcome: Outcome) -> bool:
    return (
        outcome.classified.verdict in GOOD_NEWS
        and lease.has_clean_record
        and (lease.proxy_id is None or lease.proxy_has_clean_record)
    )


def _close(lease: Lease, outcome: Outcome, now: datetime) -> bool:
    """False when the attempt is closed already."""
    usage, cost = outcome.usage, outcome.cost_microusd
    facts: dict[str, Any] = {
        "id": lease.attempt_id,
        "now": now,
        "verdict": outcome.classified.verdict.value,
        "http_status": outcome.http_status,
        "detail": outcome.classified.detail,
        "model_version": outcome.model_version,
        "bytes_in": outcome.bytes_in,
        "prompt_tokens": usage and usage.prompt,
        "text_tokens": usage and usage.text,
        "image_tokens": usage and usage.image,
        "cost": cost,
        "spent": (cost or 0) if lease.provider in OFFERED_BY else 0,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, facts)
        row = cursor.fetchone()
    if row is not None and row[0] is not None:
        balance, threshold = row
        told = balance_news(_name(lease), balance + facts["spent"], balance, threshold)
        _tell(told, lease.label, now)
    return row is not None


def _apply_to_keys(lease: Lease, outcome: Outcome, now: datetime) -> None:
    classified = outcome.classified
    keys = ProviderKey.objects.filter(id=lease.key_id)
    if classified.account_wide and lease.account:
        keys = ProviderKey.objects.filter(provider=lease.provider, account=lease.account)
    locked = {key.pk: key for key in keys.order_by("id").select_for_update(no_key=True)}
    own = locked.pop(lease.key_id, None)
    if own is None:
        return  # removed meanwhile
    before = own.health()
    after = health_after(
        before,
        classified,
        started_at=lease.started_at,
        now=now,
        limits=Limits(timedelta(seconds=settings.NPROXY_COOLDOWN_SECONDS), settings.NPROXY_MAX_FAILURES),
        suspect=lease.work if outcome.is_server_error else None,
    )
    by_proxy = lease.proxy_id is not None
    _tell(news(_name(lease), classified, before, after, by_proxy=by_proxy), own.label, now)
    if after == before:
        return
    own.keep(after)
    if classified.verdict is Verdict.OUT_OF_FUNDS and lease.provider in OFFERED_BY:
        ProviderKey.objects.filter(id=own.pk).update(balance_due_at=now)
    for key in locked.values():  # the account's money is gone for each of them that is no news itself
        health = key.health()
        if health.state == ACTIVE and health.state_since <= lease.started_at:
            key.keep(out_with_account(health, after))


def _apply_to_proxy(proxy_id: int, lease: Lease, outcome: Outcome, now: datetime) -> None:
    proxy = Proxy.objects.select_for_update(no_key=True).filter(id=proxy_id).first()
    if proxy is None or bytes(proxy.sealed_url) != lease.sealed_proxy:
        return  # removed, or given another address meanwhile
    before = proxy.health()
    is_answered = outcome.http_status is not None
    after = proxy_after(
        before, outcome.classified, is_answered=is_answered, started_at=lease.started_at, now=now
    )
    if after != before:
        proxy.keep(after)
        _tell(proxy_news(proxy.name, before, after), proxy.name, now)


def _name(lease: Lease) -> str:
    return f"Key {lease.label} ({lease.provider})"


def _tell(told: News | None, subject: str, now: datetime) -> None:
    if told is not None and told.is_over:
        notifications.recovered(kind=told.kind, text=told.text, now=now, subject=subject)
    elif told is not None:
        notifications.alert(kind=told.kind, text=told.text, now=now, subject=subject, severity=told.severity)
