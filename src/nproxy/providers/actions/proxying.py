"""What an operator does with proxies: add, require or not, remove. Each change is audited.

UnknownProxy    no proxy has this name
BadProxy        a malformed name or address; the message says what is accepted, never what was given
ProxyExists     another proxy has this name
ProxyInUse      keys go out by it; the message names them
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.kit import secrets
from nproxy.kit.http import proxies
from nproxy.providers.actions.calling import place_of_proxy
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


def add_proxy(*, name: str, url: str, is_required: bool, actor: Actor, now: datetime) -> int:
    """Make a proxy known; returns its id. Its address, credentials included, is kept sealed.

    Keys that use a required one never go around it. Raises `BadProxy`, `ProxyExists`.
    """
    name = name.strip()
    if not LABEL.fullmatch(name):
        raise BadProxy(
            "a proxy's name is written like a label: 1 to 64 letters, digits, blanks or . : @ + - _"
        )
    try:
        address = proxies.parse(url)
    except proxies.BadProxyAddress as error:
        raise BadProxy(str(error)) from None
    try:
        with transaction.atomic():
            proxy = Proxy.objects.create(
                name=name,
                address=address.shown,
                sealed_url=secrets.seal(address.url, place=place_of_proxy(name)),
                is_required=is_required,
                created_at=now,
            )
            after: dict[str, object] = {"name": name, "address": address.shown, "required": is_required}
            audit.record(actor=actor, action="proxy.added", target=("proxy", proxy.pk), now=now, after=after)
    except IntegrityError:
        raise ProxyExists(f"a proxy called {name!r} exists already") from None
    return proxy.pk


def remove_proxy(*, name: str, actor: Actor, now: datetime, reason: str = "") -> None:
    """Forget a proxy and its address. Attempts that went through it stay. Raises `UnknownProxy`, `ProxyInUse`."""
    with transaction.atomic():
        proxy = Proxy.objects.select_for_update().filter(name=name).first()
        if proxy is None:
            raise UnknownProxy
        users = list(proxy.keys.order_by("id").values_list("label", flat=True))
        if users:
            raise ProxyInUse(f"keys go out by it: {', '.join(users)}")
        before: dict[str, object] = {"name": name, "address": proxy.address, "required": proxy.is_required}
        target = ("proxy", proxy.pk)
        proxy.delete()
        audit.record(
            actor=actor, action="proxy.removed", target=target, now=now, before=before, reason=reason
        )
