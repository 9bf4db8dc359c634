"""What an operator may do with keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor
from nproxy.kit.money import MICRO
from nproxy.kit.secrets import SealBroken, WrongEncryptionKey
from nproxy.providers import actions as providers
from nproxy.providers.models import ProviderKey
from nproxy.providers.rules.telling import OFFERED_BY
from nproxy.staff.acts import Act, ReasonForm, Takes, Trouble, Words
from nproxy.staff.pool.forms import (
    ASKING_SECONDS,
    DRAWING_SECONDS,
    AddKeysForm,
    ChangeKeyForm,
    DisableForm,
    FewDrawnForm,
    FewForm,
)
from nproxy.staff.showing import dollars

GONE = gettext_lazy("It is not there any more.")
CLOSED = {WrongEncryptionKey: "", SealBroken: ""}  # their own words say which, and what to do


def add(target: None, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    given = data["given"]
    try:
        providers.add_keys(
            provider=data["provider"],
            given=given,
            account=data["account"],
            proxy=data["proxy"],
            actor=actor,
            now=now,
        )
    except providers.NotAdded as fact:
        if len(given) == 1:
            raise
        words = _("Nothing was added. Line %(number)d: %(because)s.")
        raise providers.NotAdded(fact.number, words % {"number": fact.number, "because": fact}) from fact
    return ngettext("%(count)d key added.", "%(count)d keys added.", len(given)) % {"count": len(given)}


async def test(target: ProviderKey, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    return await _tested(target, actor, now, draw=False)


async def draw(target: ProviderKey, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    return await _tested(target, actor, now, draw=True)


async def _tested(key: ProviderKey, actor: Actor, now: datetime, *, draw: bool) -> Words:
    within = DRAWING_SECONDS if draw else ASKING_SECONDS
    result = await providers.test_key(key_id=key.pk, draw=draw, within=within, actor=actor, now=now)
    if not result.is_ok:
        said = {"verdict": result.verdict.value, "detail": result.detail}
        return Trouble(_("It does not work: %(verdict)s. %(detail)s") % said)
    said = {
        "seconds": f"{result.seconds:.1f}",
        "via": result.via or _("directly"),
        "size": f"{result.image_bytes:,}",
    }
    if draw:
        return _("It works: drew %(size)s bytes in %(seconds)s s, %(via)s.") % said
    return _("It works: sees the model, in %(seconds)s s, %(via)s.") % said


def activate(target: ProviderKey, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    providers.activate(key_id=target.pk, reason=data["reason"], actor=actor, now=now)
    return _("%(key)s is in service.") % {"key": target}


def disable(target: ProviderKey, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    is_typed = data.get("typed") == target.label
    providers.disable(key_id=target.pk, reason=data["reason"], unless_last=not is_typed, actor=actor, now=now)
    return _("%(key)s takes no new pictures.") % {"key": target}


async def ask_balance(target: ProviderKey, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    told = await providers.refresh_balance(key_id=target.pk, within=ASKING_SECONDS, actor=actor, now=now)
    if told.balance is None:
        return Trouble(_("It was not told: %(detail)s") % {"detail": told.classified.detail})
    left = told.balance.remaining_microusd
    return _("No limit on the key: what is left is unknown.") if left is None else _left(left)


def _left(microusd: int) -> Words:
    return _("%(balance)s left.") % {"balance": dollars(microusd)}


def change(target: ProviderKey, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    low = data["low_balance"]
    changes: providers.KeyChanges = {
        "label": data["label"].strip(),
        "account": data["account"].strip(),
        "proxy": data["proxy"] or None,
        "max_in_flight": data["max_in_flight"],
        "max_per_minute": data["max_per_minute"],
        "low_balance_microusd": None if low is None else int(low * MICRO),
    }
    providers.set_key(key_id=target.pk, changes=changes, actor=actor, now=now)
    return _("%(key)s is changed, from the next picture on.") % {"key": changes["label"]}


def remove(target: ProviderKey, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    providers.remove(key_id=target.pk, reason=data["reason"], actor=actor, now=now)
    return _("%(key)s is removed, and its secret forgotten.") % {"key": target}


def is_out(key: ProviderKey, now: datetime) -> bool:
    """Not in service, or not without a blemish."""
    health = key.health()
    return not health.is_eligible(now) or bool(health.failures)


def tells(key: ProviderKey, now: datetime) -> bool:
    return key.provider in OFFERED_BY


ADD = Act(
    name="add_keys",  # Django has an `add` of its own
    label=gettext_lazy("Add keys"),
    question=gettext_lazy("They draw from the next picture on. All of them are added, or none."),
    icon="add",
    needs=Right.OPERATE,
    takes=Takes.NOTHING,
    form=AddKeysForm,
    perform=add,
    refusals={
        providers.NotAdded: "",
        providers.UnknownProxy: gettext_lazy("This proxy is not there any more."),
    },
)
TEST = Act(
    name="test",
    label=gettext_lazy("Test"),
    question=gettext_lazy(
        "Lists the models with it: costs nothing, says nothing of its money, changes nothing."
    ),
    icon="network_check",
    needs=Right.OPERATE,
    takes=Takes.MANY,
    form=FewForm,
    perform=test,
    refusals={providers.UnknownKey: GONE, **CLOSED},
)
DRAW = Act(
    name="draw",
    label=gettext_lazy("Test by drawing"),
    question=gettext_lazy(
        "Draws a real picture, which costs what a picture costs. It changes nothing about the key."
    ),
    icon="brush",
    needs=Right.OPERATE,
    takes=Takes.MANY,
    form=FewDrawnForm,
    perform=draw,
    refusals={providers.UnknownKey: GONE, **CLOSED},
)
RETURN = Act(
    name="return",
    label=gettext_lazy("Return to service"),
    question=gettext_lazy("Its failures are forgotten; it gets its turn from the next picture on."),
    icon="play_arrow",
    needs=Right.OPERATE,
    takes=Takes.MANY,
    form=ReasonForm,
    offered=is_out,
    perform=activate,
    refusals={
        providers.UnknownKey: GONE,
        providers.AlreadyActive: gettext_lazy("It is in service already."),
    },
)
DISABLE = Act(
    name="disable",
    label=gettext_lazy("Disable"),
    question=gettext_lazy(
        "What it draws now, it finishes; it gets nothing new until you return it to service."
    ),
    icon="block",
    is_dangerous=True,
    needs=Right.OPERATE,
    takes=Takes.MANY,
    form=DisableForm,
    offered=lambda key, now: key.state != ProviderKey.State.DISABLED,
    perform=disable,
    hold=lambda key, data: providers.hold_keys(key_id=key.pk),
    refusals={
        providers.UnknownKey: GONE,
        providers.AlreadyDisabled: gettext_lazy("It is disabled already."),
        providers.LastKey: gettext_lazy(
            "Not done: it is the last key in service now. Open the form again and type its label to go on."
        ),
    },
)
BALANCE = Act(
    name="balance",
    label=gettext_lazy("Ask for the balance"),
    question=gettext_lazy(
        "Asks the provider what the key may still spend. At zero or less it is out of funds."
    ),
    icon="account_balance_wallet",
    needs=Right.OPERATE,
    takes=Takes.MANY,
    form=FewForm,
    offered=tells,
    perform=ask_balance,
    refusals={
        providers.UnknownKey: GONE,
        providers.NotOffered: gettext_lazy("Its provider does not tell balances."),
    },
)
CHANGE = Act(
    name="set",
    label=gettext_lazy("Change"),
    question=gettext_lazy("It stays in service. What you change counts from the next picture on."),
    icon="tune",
    needs=Right.OPERATE,
    form=ChangeKeyForm,
    perform=change,
    refusals={
        providers.UnknownKey: GONE,
        providers.UnknownProxy: gettext_lazy("This proxy is not there any more."),
        providers.LabelTaken: "",
        providers.BadKey: "",
    },
)
REMOVE = Act(
    name="remove",
    label=gettext_lazy("Remove"),
    question=gettext_lazy(
        "The secret is forgotten for good. What the key did stays on record, without its name."
    ),
    icon="delete",
    is_dangerous=True,
    needs=Right.OPERATE,
    form=ReasonForm,
    perform=remove,
    refusals={providers.UnknownKey: GONE},
)
ACTS = (ADD, RETURN, TEST, DRAW, BALANCE, CHANGE, DISABLE, REMOVE)
