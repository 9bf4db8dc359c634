"""What an operator does with proxies: add, change, remove. Each change is audited.

UnknownProxy    no proxy has this name
BadProxy        a malformed name or address; the message says what is accepted, never what was given
ProxyExists     another proxy has this name
ProxyInUse      keys go out by it; the message names them
"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from django.db import IntegrityError, transaction

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.kit import secrets
from nproxy.kit.http import proxies
from nproxy.kit.http.proxies import ProxyAddress
from nproxy.providers.actions.calling import opened_proxy, place_of_proxy
from nproxy.providers.models import Proxy
from nproxy.providers.rules.names import LABEL


class UnknownProxy(Exception):
    pass


class BadProxy(Exception):
    pass


class ProxyExists(Exception):
    pass


class ProxyInUse(Exception):
    pass


class ProxyChanges(TypedDict, total=False):
    """What is to be changed; what is absent stays."""

    name: str
    url: str
    is_required: bool


def add_proxy(*, name: str, url: str, is_required: bool, actor: Actor, now: datetime) -> int:
    """Make a proxy known; returns its id. Its address, credentials included, is kept sealed.

    Keys that use a required one never go around it. Raises `BadProxy`, `ProxyExists`.
    """
    name, address = _checked_name(name), checked_address(url)
    try:
        with transaction.atomic():
            proxy = Proxy.objects.create(
                name=name,
                address=address.shown,
                sealed_url=secrets.seal(address.url, place=place_of_proxy(name)),
                is_required=is_required,
                created_at=now,
            )
            audit.record(
                actor=actor,
                action="proxy.added",
                target=("proxy", proxy.pk),
                now=now,
                before=None,
                after=_shown(proxy),
            )
    except IntegrityError:
        raise _taken(name) from None
    return proxy.pk


def set_proxy(*, name: str, changes: ProxyChanges, actor: Actor, now: datetime, reason: str = "") -> None:
    """Rename a proxy, give it another address (credentials included), require it or not; its keys stay with it.

    Counts from the next lease on: calls under way end on the road that they took, and what comes of that is no
    longer this proxy's. A new address starts without failures. Raises `UnknownProxy`, `BadProxy`, `ProxyExists`,
    `kit.secrets.WrongEncryptionKey`, `kit.secrets.SealBroken`.
    """
    new_name = _checked_name(changes.get("name", name))
    new_address = checked_address(changes["url"]) if "url" in changes else None
    try:
        with transaction.atomic():
            proxy = Proxy.objects.select_for_update().filter(name=name).first()
            if proxy is None:
                raise UnknownProxy
            address = new_address or opened_proxy(name, bytes(proxy.sealed_url))
            before = _shown(proxy)
            proxy.name, proxy.address = new_name, address.shown
            proxy.sealed_url = secrets.seal(address.url, place=place_of_proxy(new_name))
            proxy.is_required = changes.get("is_required", proxy.is_required)
            if new_address is not None:
                proxy.failures, proxy.skipped_at, proxy.last_error = 0, None, ""
            proxy.save()
            after = _shown(proxy) | ({"credentials": "given anew"} if new_address is not None else {})
            audit.record(
                actor=actor,
                action="proxy.changed",
                target=("proxy", proxy.pk),
                now=now,
                before=before,
                after=after,
                reason=reason,
            )
    except IntegrityError:
        raise _taken(new_name) from None


def remove_proxy(*, name: str, actor: Actor, now: datetime, reason: str = "") -> None:
    """Forget a proxy and its address. Attempts that went through it stay. Raises `UnknownProxy`, `ProxyInUse`."""
    with transaction.atomic():
        proxy = Proxy.objects.select_for_update().filter(name=name).first()
        if proxy is None:
            raise UnknownProxy
        users = list(proxy.keys.order_by("id").values_list("label", flat=True))
        if users:
            raise ProxyInUse(f"keys go out by it: {', '.join(users)}")
        before, target = _shown(proxy), ("proxy", proxy.pk)
        proxy.delete()
        audit.record(
            actor=actor,
            action="proxy.removed",
            target=target,
            now=now,
            before=before,
            after=None,
            reason=reason,
        )


def checked_address(url: str) -> ProxyAddress:
    """The address in `url`. Raises `BadProxy`, with what is accepted."""
    try:
        return proxies.parse(url)
    except proxies.BadProxyAddress as error:
        raise BadProxy(str(error)) from None


def _checked_name(name: str) -> str:
    name = name.strip()
    if not LABEL.fullmatch(name):
        raise BadProxy(
            "a proxy's name is written like a label: 1 to 64 letters, digits, blanks or . : @ + - _"
        )
    return name


def _taken(name: str) -> ProxyExists:
    return ProxyExists(f"a proxy called {name!r} exists already")


def _shown(proxy: Proxy) -> dict[str, object]:
    """What the audit log keeps of it: never its credentials."""
    return {"name": proxy.name, "address": proxy.address, "required": proxy.is_required}
