"""What is left of the keys' money, as their providers tell it: asked for in time, kept as a history.

A call that fails changes nothing but its own note.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from django.db import transaction

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.kit import secrets
from nproxy.kit.http.proxies import ProxyAddress
from nproxy.kit.retention import forget
from nproxy.kit.threads import in_database
from nproxy.notifications import actions as notifications
from nproxy.providers.actions.calling import by_each_way, opened_key
from nproxy.providers.actions.keeping import UnknownKey
from nproxy.providers.actions.testing import too_slow
from nproxy.providers.adapters import TELLERS
from nproxy.providers.models import REASON_LENGTH, BalanceReading, ProviderKey
from nproxy.providers.rules import Classified, Verdict
from nproxy.providers.rules.health import ACTIVE, OUT_OF_FUNDS, health_at_balance
from nproxy.providers.rules.news import balance_news, news
from nproxy.providers.rules.telling import OFFERED_BY, Told

EVERY = timedelta(minutes=10)
READINGS_KEPT = timedelta(days=90)
# Those whose money matters: one that runs, and one that waits for it.
ASKED = (ACTIVE, OUT_OF_FUNDS)


class NotOffered(Exception):
    """The key's provider has no way to ask for its balance."""


async def refresh_due_balances(*, now: datetime) -> int:
    """Ask for every balance that is due; returns how many. Called by the clock, in any number of workers."""
    keys = await in_database(_claim_due, now)
    await asyncio.gather(*(_refresh(key, now) for key in keys))
    return len(keys)


async def refresh_balance(
    *, key_id: int, now: datetime, actor: Actor | None = None, within: float | None = None
) -> Told:
    """Ask for one key's balance now, given up after `within` seconds; audited when an `actor` wants it.

    Raises `UnknownKey`, `NotOffered`.
    """
    key = await in_database(_find, key_id)
    try:
        async with asyncio.timeout(within):
            told = await _refresh(key, now)
    except TimeoutError:
        told = Told(too_slow(within))
    if actor is not None:
        await in_database(_record, key, told, actor, now)
    return told


def _record(key: ProviderKey, told: Told, actor: Actor, now: datetime) -> None:
    known = key.balance_microusd
    after: dict[str, object] = {
        "balance_microusd": told.balance.remaining_microusd if told.balance else known,
        "verdict": told.classified.verdict.value,
        "detail": told.classified.detail,
    }
    audit.record(
        actor=actor,
        action="key.balance_asked",
        target=("key", key.pk),
        now=now,
        before={"balance_microusd": known},
        after=after,
    )


def forget_old_readings(*, now: datetime) -> int:
    """Delete balances of more than 90 days ago; returns how many."""
    return forget(BalanceReading.objects.filter(at__lt=now - READINGS_KEPT))


async def _refresh(key: ProviderKey, now: datetime) -> Told:
    try:
        secret = opened_key(key)

        async def ask(proxy: ProxyAddress | None) -> Told:
            return await TELLERS[key.provider].balance(secret=secret, started_at=now, proxy=proxy)

        told = await by_each_way(key, ask)
    except (secrets.WrongEncryptionKey, secrets.SealBroken) as error:
        told = Told(Classified(Verdict.MISCONFIGURED, detail=str(error)))
    await in_database(keep_balance, key_id=key.pk, told=told, asked_at=now)
    return told


def keep_balance(*, key_id: int, told: Told, asked_at: datetime) -> None:
    """Write down what was told, unless a later question was answered first; stop a key that has nothing left."""
    if told.balance is None:
        note = f"{told.classified.verdict}. {told.classified.detail}"[:REASON_LENGTH]
        ProviderKey.objects.filter(id=key_id).update(balance_error=note)
        return
    with transaction.atomic():
        key = ProviderKey.objects.select_for_update(no_key=True).filter(id=key_id).first()
        if key is None or (key.balance_at is not None and key.balance_at > asked_at):
            return
        remaining = told.balance.remaining_microusd
        ProviderKey.objects.filter(id=key_id).update(
            balance_microusd=remaining, balance_at=asked_at, balance_error=""
        )
        BalanceReading.objects.create(key=key, at=asked_at, balance_microusd=remaining)
        _apply(key, remaining, asked_at)


def _apply(key: ProviderKey, remaining: int | None, now: datetime) -> None:
    name = f"Key {key.label} ({key.provider})"
    before = key.health()
    after = health_at_balance(before, remaining, asked_at=now, now=now)
    if after != before:
        key.keep(after)
    for one in (
        news(name, Classified(Verdict.SUCCESS, detail=after.state_reason), before, after),
        balance_news(name, key.balance_microusd, remaining, key.low_balance_microusd),
    ):
        if one is not None:
            notifications.alert(
                kind=one.kind, text=one.text, now=now, subject=key.label, severity=one.severity
            )


def _claim_due(now: datetime) -> list[ProviderKey]:
    due = ProviderKey.objects.filter(provider__in=OFFERED_BY, state__in=ASKED, balance_due_at__lte=now)
    keys = due.order_by("id").select_related("proxy")
    return [
        key
        for key in keys
        if due.filter(id=key.pk, balance_due_at=key.balance_due_at).update(balance_due_at=now + EVERY)
    ]


def _find(key_id: int) -> ProviderKey:
    key = ProviderKey.objects.select_related("proxy").filter(id=key_id).first()
    if key is None:
        raise UnknownKey
    if key.provider not in OFFERED_BY:
        raise NotOffered
    return key
