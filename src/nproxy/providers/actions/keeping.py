"""What an operator does with keys. Each change is audited, with who and why."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.kit import secrets
from nproxy.providers.actions.calling import place_of
from nproxy.providers.actions.proxying import UnknownProxy
from nproxy.providers.models import ProviderKey, Proxy
from nproxy.providers.rules import PROVIDERS
from nproxy.providers.rules.health import ACTIVE, DISABLED, KeyHealth, returned_to_service
from nproxy.providers.rules.names import LABEL, SECRET
from nproxy.providers.rules.telling import OFFERED_BY

# A secret this long keeps its secret with its last four characters shown.
LONG_ENOUGH_TO_SHOW = 16


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


class LastKey(Exception):
    """No other key is in service: without this one nobody gets a picture."""


class AlreadyDisabled(Exception):
    """The key is out of service by an operator already."""


def add_key(
    *,
    provider: str,
    label: str,
    secret: str,
    actor: Actor,
    now: datetime,
    account: str = "",
    proxy: str = "",
) -> int:
    """Put a key into the pool; returns its id. Keys that share money share an `account` label; `proxy` is
    the name of the one that the key goes out by.

    Raises `UnknownProvider`, `BadKey`, `LabelTaken`, `DuplicateKey`, `UnknownProxy`.
    """
    secret, label, account = secret.strip(), label.strip(), account.strip()
    _check_secret(provider, secret)
    check_names(label, account)
    fingerprint = secrets.fingerprint(secret)
    try:
        with transaction.atomic():
            key = ProviderKey.objects.create(
                provider=provider,
                label=label,
                account=account,
                proxy=found_proxy(proxy) if proxy else None,
                sealed_secret=secrets.seal(secret, place=place_of(fingerprint)),
                fingerprint=fingerprint,
                tail=_tail(secret),
                state_since=now,
                balance_due_at=now if provider in OFFERED_BY else None,
                created_at=now,
            )
            _record_added(key, actor, now)
    except IntegrityError:
        raise _clash(label, fingerprint) from None
    return key.pk


def hold_keys(*, key_id: int) -> None:
    """Until the transaction ends, nobody else changes this key, or one in service: to look, and then disable.

    In the order of their ids, as whoever locks several does.
    """
    rows = ProviderKey.objects.select_for_update(no_key=True).filter(Q(state=ACTIVE) | Q(id=key_id))
    list(rows.order_by("id").values_list("id", flat=True))


def disable(*, key_id: int, actor: Actor, now: datetime, reason: str = "", unless_last: bool = False) -> None:
    """Take a key out of service until `activate`. Calls in flight end as they end. `unless_last`: not the last
    one that can be leased now, whoever disables the others at this moment.

    Raises `UnknownKey`, `AlreadyDisabled`, `LastKey`.
    """
    with transaction.atomic():
        if unless_last:
            _require_another(key_id, now)
        key = locked(key_id)
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
        key = locked(key_id)
        health = key.health()
        if health.state == ACTIVE and health.is_eligible(now) and not health.failures:
            raise AlreadyActive
        after = returned_to_service(now, reason=reason)
        _change(key, after, action="key.returned_to_service", actor=actor, now=now, reason=reason)
        if key.provider in OFFERED_BY:  # what stopped it may be what its balance was: look at once
            ProviderKey.objects.filter(pk=key.pk).update(balance_due_at=now)


def remove(*, key_id: int, actor: Actor, now: datetime, reason: str = "") -> None:
    """Forget a key and its secret. Its attempts stay, without it. Raises `UnknownKey`."""
    with transaction.atomic():
        key = locked(key_id)
        before: dict[str, object] = {
            "provider": key.provider,
            "label": key.label,
            "account": key.account,
            "state": key.state,
        }
        key.delete()
        audit.record(
            actor=actor,
            action="key.removed",
            target=("key", key_id),
            now=now,
            before=before,
            after=None,
            reason=reason,
        )


def _tail(secret: str) -> str:
    return secret[-4:] if len(secret) >= LONG_ENOUGH_TO_SHOW else ""


def _record_added(key: ProviderKey, actor: Actor, now: datetime) -> None:
    target = ("key", key.pk)
    audit.record(actor=actor, action="key.added", target=target, now=now, before=None, after=_given(key))


def _given(key: ProviderKey) -> dict[str, object]:
    proxy = key.proxy.name if key.proxy else ""
    return {"provider": key.provider, "label": key.label, "account": key.account, "proxy": proxy}


def _check_secret(provider: str, secret: str) -> None:
    if provider not in PROVIDERS:
        raise UnknownProvider(f"unknown provider; known: {', '.join(sorted(PROVIDERS))}")
    if not SECRET.fullmatch(secret):
        raise BadKey("a key is 8 to 512 printable ASCII characters without blanks or line breaks")


def check_names(label: str, account: str) -> None:
    """Raises `BadKey`, with what is accepted."""
    if not LABEL.fullmatch(label):
        raise BadKey(
            "a label is 1 to 64 letters, digits, blanks or . : @ + - _ and begins with a letter or digit"
        )
    if account and not LABEL.fullmatch(account):
        raise BadKey("an account is written like a label: 1 to 64 letters, digits, blanks or . : @ + - _")


def found_proxy(name: str) -> Proxy:
    """The proxy called `name`, kept from being removed by this transaction. Raises `UnknownProxy`."""
    proxy = Proxy.objects.select_for_update(no_key=True).filter(name=name).first()
    if proxy is None:
        raise UnknownProxy
    return proxy


def _clash(label: str, fingerprint: str) -> Exception:
    twin = ProviderKey.objects.filter(fingerprint=fingerprint).values_list("label", flat=True).first()
    if twin is not None:
        return DuplicateKey(f"this key is already in the pool, as {twin!r}")
    return label_taken(label)


def label_taken(label: str) -> LabelTaken:
    """The refusal with its words."""
    return LabelTaken(f"a key labelled {label!r} exists already")


def locked(key_id: int) -> ProviderKey:
    """The key, locked until the transaction ends. Raises `UnknownKey`."""
    key = ProviderKey.objects.select_for_update(no_key=True).filter(id=key_id).first()
    if key is None:
        raise UnknownKey
    return key


def _require_another(key_id: int, now: datetime) -> None:
    """Raises `LastKey` when this key is in service and no other is; all are locked, in the order of their ids."""
    keys = ProviderKey.objects.select_for_update(no_key=True).filter(state=ACTIVE).order_by("id")
    in_service = {key.pk for key in keys if key.health().is_eligible(now)}
    if in_service == {key_id}:
        raise LastKey


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
        name: value if value is None or isinstance(value, int) else str(value)
        for name, value in asdict(health).items()
    }
