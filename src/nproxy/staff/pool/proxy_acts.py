"""What an operator may do with proxies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor
from nproxy.kit.secrets import SealBroken, WrongEncryptionKey
from nproxy.providers import actions as providers
from nproxy.providers.models import Proxy
from nproxy.staff.acts import Act, ReasonForm, Takes, Trouble, Words
from nproxy.staff.pool.forms import ASKING_SECONDS, AddProxyForm, FewForm, RenameForm, ReplaceForm

GONE = gettext_lazy("It is not there any more.")
# Their own words say what is wrong and what is accepted.
SAID = {
    providers.BadProxy: "",
    providers.ProxyExists: "",
    providers.ProxyInUse: "",
    WrongEncryptionKey: "",
    SealBroken: "",
}


class Unreached(Exception):
    """No provider answers by the new address; the message says what it got instead."""


def add(target: None, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    providers.add_proxy(
        name=data["name"], url=data["url"], is_required=data["is_required"], actor=actor, now=now
    )
    return _("%(proxy)s is known. Test it, then give it to a key.") % {"proxy": data["name"]}


async def test(target: Proxy, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    ends = await providers.test_proxy(name=target.name, within=ASKING_SECONDS, actor=actor, now=now)
    said = _told(ends)
    return said if all(end.is_ok for end in ends) else Trouble(said)


def _told(ends: Sequence[providers.ProxyTest]) -> str:
    return " · ".join(f"{end.provider}: {end.detail} ({end.seconds:.1f} s)" for end in ends)


def rename(target: Proxy, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    providers.set_proxy(name=target.name, changes={"name": data["name"]}, actor=actor, now=now)
    return _("It is called %(name)s now, for its keys too.") % {"name": data["name"].strip()}


def knock(target: Proxy, data: dict[str, Any], now: datetime) -> None:
    """A wrong address would stop the keys of a required proxy."""
    if data["untested"]:
        return
    ends = asyncio.run(providers.try_address(url=data["url"], within=ASKING_SECONDS, now=now))
    if not any(end.is_ok for end in ends):
        raise Unreached(_("Not replaced, no provider is reached by it. %(ends)s") % {"ends": _told(ends)})


def replace(target: Proxy, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    providers.set_proxy(
        name=target.name, changes={"url": data["url"]}, reason=data["reason"], actor=actor, now=now
    )
    return _("%(proxy)s has its new address, from the next picture on.") % {"proxy": target}


def toggle_required(target: Proxy, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    is_required = not target.is_required
    changes: providers.ProxyChanges = {"is_required": is_required}
    providers.set_proxy(name=target.name, changes=changes, reason=data["reason"], actor=actor, now=now)
    if is_required:
        return _("Keys of %(proxy)s never go out without it now.") % {"proxy": target}
    return _("Keys of %(proxy)s go directly when it fails.") % {"proxy": target}


def remove(target: Proxy, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    providers.remove_proxy(name=target.name, reason=data["reason"], actor=actor, now=now)
    return _("%(proxy)s is removed, and its address forgotten.") % {"proxy": target}


ADD = Act(
    name="add_proxy",  # Django has an `add` of its own
    label=gettext_lazy("Add a proxy"),
    question=gettext_lazy("A way out of this server that keys may use. No key goes by it until you say so."),
    icon="add",
    needs=Right.OPERATE,
    takes=Takes.NOTHING,
    form=AddProxyForm,
    perform=add,
    refusals=SAID,
)
TEST = Act(
    name="test",
    label=gettext_lazy("Test"),
    question=gettext_lazy("Knocks at each provider through it: costs nothing, changes nothing."),
    icon="network_check",
    needs=Right.OPERATE,
    takes=Takes.MANY,
    form=FewForm,
    perform=test,
    refusals={providers.UnknownProxy: GONE, **SAID},
)
RENAME = Act(
    name="rename",
    label=gettext_lazy("Rename"),
    question=gettext_lazy("Its keys stay with it."),
    icon="edit",
    needs=Right.OPERATE,
    form=RenameForm,
    perform=rename,
    refusals={providers.UnknownProxy: GONE, **SAID},
)
REPLACE = Act(
    name="replace",
    label=gettext_lazy("Replace the address"),
    question=gettext_lazy(
        "Its keys stay in service: calls under way end on the old road, the next ones take the new one. "
        "It is tested first."
    ),
    icon="swap_horiz",
    needs=Right.OPERATE,
    form=ReplaceForm,
    perform=replace,
    prepare=knock,
    refusals={providers.UnknownProxy: GONE, Unreached: "", **SAID},
)
REQUIRE = Act(
    name="require",
    label=gettext_lazy("Require or not"),
    question=gettext_lazy("A required proxy is never gone around: while it fails, its keys wait."),
    icon="lock",
    needs=Right.OPERATE,
    form=ReasonForm,
    perform=toggle_required,
    explain=lambda targets, now: (
        _("It is required now; its keys will go directly when it fails.")
        if targets[0].is_required
        else _("It is not required now; its keys will never go out without it.")
    ),
    refusals={providers.UnknownProxy: GONE, **SAID},
)
REMOVE = Act(
    name="remove",
    label=gettext_lazy("Remove"),
    question=gettext_lazy(
        "Its address is forgotten for good. Keys that use it must be given another road before."
    ),
    icon="delete",
    is_dangerous=True,
    needs=Right.OPERATE,
    form=ReasonForm,
    perform=remove,
    refusals={providers.UnknownProxy: GONE, **SAID},
)
ACTS = (ADD, TEST, RENAME, REPLACE, REQUIRE, REMOVE)
