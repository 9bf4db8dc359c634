"""What an operator may change about a key without stopping it."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from django.db import IntegrityError, transaction

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.providers.actions.keeping import BadKey, check_names, found_proxy, label_taken, locked
from nproxy.providers.models import ProviderKey


class KeyChanges(TypedDict, total=False):
    """What is to be changed; what is absent stays. None takes a proxy, a cap or a threshold away."""

    label: str
    account: str
    proxy: str | None
    max_in_flight: int | None
    max_per_minute: int | None
    low_balance_microusd: int | None


def set_key(*, key_id: int, changes: KeyChanges, actor: Actor, now: datetime, reason: str = "") -> None:
    """Change a key's label, account, proxy, caps (at least 1) or low-balance threshold (at least 0).

    Counts from the next lease on. Raises `UnknownKey`, `BadKey`, `LabelTaken`, `UnknownProxy`.
    """
    _check(changes)
    try:
        with transaction.atomic():
            key = locked(key_id)
            before = {name: _shown(key, name) for name in changes}
            ProviderKey.objects.filter(pk=key_id).update(**_columns(changes))
            audit.record(
                actor=actor,
                action="key.changed",
                target=("key", key_id),
                now=now,
                before=before,
                after=dict(changes),
                reason=reason,
            )
    except IntegrityError:
        raise label_taken(changes.get("label", "")) from None


def _check(changes: KeyChanges) -> None:
    check_names(changes.get("label", "unchanged"), changes.get("account", ""))
    for cap in (changes.get("max_in_flight"), changes.get("max_per_minute")):
        if cap is not None and cap < 1:
            raise BadKey("a cap is a whole number from 1 on, or none")
    threshold = changes.get("low_balance_microusd")
    if threshold is not None and threshold < 0:
        raise BadKey("a low-balance threshold is 0 or more, or none")


def _columns(changes: KeyChanges) -> dict[str, object]:
    columns: dict[str, object] = dict(changes)
    if "proxy" in changes:
        columns["proxy"] = found_proxy(changes["proxy"]) if changes["proxy"] else None
    return columns


def _shown(key: ProviderKey, name: str) -> object:
    value = getattr(key, name)
    return value.name if name == "proxy" and value is not None else value
