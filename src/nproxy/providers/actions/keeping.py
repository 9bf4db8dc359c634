"""What an operator does with keys. Each change is audited, with who and why."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime

from django.db import IntegrityError, transaction

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.kit import secrets
from nproxy.providers.actions.calling import place_of
from nproxy.providers.models import ProviderKey
from nproxy.providers.rules import PROVIDERS
from nproxy.providers.rules.health import ACTIVE, DISABLED, KeyHealth, returned_to_service

LABEL = re.compile(r"[^\W_][\w .:@+-]{0,63}")
# A secret this long keeps its secret with its last four characters shown.
LONG_ENOUGH_TO_SHOW = 16
SECRET = re.compile(r"[\x21-\x7e]{8,512}")


class UnknownKey(Exception):
    """No key has this id."""


class UnknownProvider(Exception):
    """No adapter speaks to this provider; the message names those that exist."""


class BadKey(Exception):
    """A malformed secret, label or account; the message says what is accepted, never what was given."""


class LabelTaken(Exception):
    """Another key has this label."""


class DuplicateKey(Exception):
    """The same secret is already in the pool; the message names its label."""


class AlreadyActive(Exception):
    """Nothing to return from: the key is in service, without failures and without a cooldown."""


class AlreadyDisabled(Exception):
    """The key is out of service by an operator already."""


def add_key(*, provider: str, label: str, secret: str, actor: Actor, now: datetime, account: str = "") -> int:
    """Put a key into the pool; returns its id. Keys that share money share an `account` label.

    Secrets have no known form: 8 to 512 printable ASCII characters without blanks, that is all. Raises
    `UnknownProvider`, `BadKey`, `LabelTaken`, `DuplicateKey`.
    """
    secret, label, account = secret.strip(), label.strip(), account.strip()
    _check(provider, label, secret, account)
    fingerprint = secrets.fingerprint(secret)
    try:
        with transaction.atomic():
            key = ProviderKey.objects.create(
                provider=provider,
                label=label,
                account=account,
                sealed_secret=secrets.seal(secret, place=place_of(fingerprint)),
                fingerprint=fingerprint,
                tail=secret[-4:] if len(secret) >= LONG_ENOUGH_TO_SHOW else "",
                state_since=now,
                created_at=now,
            )
            after: dict[str, object] = {"provider": provider, "label": label, "account": account}
            audit.record(actor=actor, action="key.added", target=("key", key.pk), now=now, after=after)
    except IntegrityError:
        raise _clash(label, fingerprint) from None
    return key.pk


def disable(*, key_id: int, actor: Actor, now: datetime, reason: str = "") -> None:
    """Take a key out of service until `activate`. Calls in flight end as they end.

    Raises `UnknownKey`, `AlreadyDisabled`.
    """
    with transaction.atomic():
        key = _locked(key_id)
        if key.state == DISABLED:
            raise AlreadyDisabled
        _change(
            key, KeyHealth(DISABLED, now, reason), action="key.disabled", actor=actor, now=now, reason=reason
        )


def activate(*, key_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Return a key to service from whatever state: no failures, no cooldown. Attempts begun before are stale.

    Raises `UnknownKey`, `AlreadyActive`.
    """
    with transaction.atomic():
        key = _locked(key_id)
        health = key.health()
        if health.state == ACTIVE and health.is_eligible(now) and not health.failures:
            raise AlreadyActive
        after = returned_to_service(now, reason=reason)
        _change(key, after, action="key.returned_to_service", actor=actor, now=now, reason=reason)


def remove(*, key_id: int, actor: Actor, now: datetime, reason: str = "") -> None:
    """Forget a key and its secret. Its attempts stay, without it. Raises `UnknownKey`."""
    with transaction.atomic():
        key = _locked(key_id)
        before: dict[str, object] = {
            "provider": key.provider,
            "label": key.label,
            "account": key.account,
            "state": key.state,
        }
        key.delete()
        audit.record(
            actor=actor, action="key.removed", target=("key", key_id), now=now, before=before, reason=reason
        )


def rotate_secrets() -> int:
    """Seal every key's secret anew with the newest encryption key; returns how many. Safe to run again.

    Raises `kit.secrets.WrongEncryptionKey` when one cannot be opened; those before it are done.
    """
    rotated = 0
    for key in ProviderKey.objects.only("id", "fingerprint", "sealed_secret").order_by("id").iterator():
        old, place = bytes(key.sealed_secret), place_of(key.fingerprint)
        fresh = secrets.seal(secrets.open_sealed(old, place=place), place=place)
        rotated += ProviderKey.objects.filter(id=key.pk, sealed_secret=old).update(sealed_secret=fresh)
    return rotated


def _check(provider: str, label: str, secret: str, account: str) -> None:
    if provider not in PROVIDERS:
        raise UnknownProvider(f"unknown provider; known: {', '.join(sorted(PROVIDERS))}")
    if not LABEL.fullmatch(label):
        raise BadKey(
            "a label is 1 to 64 letters, digits, blanks or . : @ + - _ and begins with a letter or digit"
        )
    if account and not LABEL.fullmatch(account):
        raise BadKey("an account is written like a label: 1 to 64 letters, digits, blanks or . : @ + - _")
    if not SECRET.fullmatch(secret):
        raise BadKey("a key is 8 to 512 printable ASCII characters without blanks or line breaks")


def _clash(label: str, fingerprint: str) -> Exception:
    twin = ProviderKey.objects.filter(fingerprint=fingerprint).values_list("label", flat=True).first()
    if twin is not None:
        return DuplicateKey(f"this key is already in the pool, as {twin!r}")
    return LabelTaken(f"a key labelled {label!r} exists already")


def _locked(key_id: int) -> ProviderKey:
    key = ProviderKey.objects.select_for_update(no_key=True).filter(id=key_id).first()
    if key is None:
        raise UnknownKey
    return key


def _change(
    key: ProviderKey, after: KeyHealth, *, action: str, actor: Actor, now: datetime, reason: str
) -> None:
    before = key.health()
    key.keep(after)
    audit.record(
        actor=actor,
        action=action,
        target=("key", key.pk),
        now=now,
        before=_plain(before),
        after=_plain(after),
        reason=reason,
    )


def _plain(health: KeyHealth) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(health).items()
    }
