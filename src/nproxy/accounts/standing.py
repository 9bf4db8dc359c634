"""Who may come in, and as what: roles and blocks. Owners are looked at and changed under one lock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from nproxy.accounts.models import User
from nproxy.accounts.refusals import (
    AlreadySo,
    LastOwner,
    NotTheirs,
    StillInCharge,
    UnknownPerson,
    UnknownRole,
)
from nproxy.accounts.rules import ROLES
from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor


def person(user_id: int) -> User:
    """The account of this id. Raises UnknownPerson."""
    try:
        return User.objects.get(pk=user_id)
    except User.DoesNotExist as error:
        raise UnknownPerson(user_id) from error


def check_role(role: str) -> None:
    """Raises UnknownRole; "" is nobody special."""
    if role and role not in ROLES:
        raise UnknownRole(role)


def hold_roles(*, user_id: int) -> None:
    """Until the transaction ends, nobody else changes who is an owner, or this person: to look, and then decide.

    In one order: two owners who demote each other at once do not both succeed, nor wait for ever.
    """
    rows = User.objects.filter(Q(role="owner", is_active=True) | Q(pk=user_id)).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def set_role(*, user_id: int, role: str, actor: Actor, now: datetime, reason: str = "") -> None:
    """Make someone an operator, or nobody special again (""). From the web, only an owner may.

    Raises UnknownRole, UnknownPerson, AlreadySo, NotTheirs; LastOwner, except from the command line.
    """
    check_role(role)
    with transaction.atomic():
        hold_roles(user_id=user_id)
        owners = list(User.objects.filter(role="owner", is_active=True).values_list("pk", flat=True))
        if actor.kind != "cli":
            _check_may_set_roles(actor, owners, user_id=user_id, role=role)
        _change(
            user_id, field="role", value=role, action="user.role_changed", reason=reason, actor=actor, now=now
        )


def _check_may_set_roles(actor: Actor, owners: Sequence[int], *, user_id: int, role: str) -> None:
    if actor.kind == "operator" and actor.id not in {str(owner) for owner in owners}:
        raise NotTheirs
    if owners == [user_id] and role != "owner":
        raise LastOwner


def block(*, user_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Sign the person out everywhere and let them in no more.

    Raises UnknownPerson, AlreadySo; StillInCharge when an operator would lock out somebody with a role.
    """
    with transaction.atomic():
        hold_roles(user_id=user_id)
        if actor.kind == "operator" and person(user_id).role:
            raise StillInCharge(user_id)
        _change(
            user_id,
            field="is_active",
            value=False,
            action="user.blocked",
            reason=reason,
            actor=actor,
            now=now,
        )


def unblock(*, user_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let a blocked person in again. Raises UnknownPerson, AlreadySo."""
    _change(
        user_id, field="is_active", value=True, action="user.unblocked", reason=reason, actor=actor, now=now
    )


def _change(
    user_id: int, *, field: str, value: str | bool, action: str, reason: str, actor: Actor, now: datetime
) -> None:
    """One guarded UPDATE of one field, with its audit entry."""
    before: str | bool = getattr(person(user_id), field)
    with transaction.atomic():
        if before == value or not User.objects.filter(pk=user_id, **{field: before}).update(**{field: value}):
            raise AlreadySo
        audit.record(
            actor=actor,
            action=action,
            target=("user", user_id),
            now=now,
            before={field: before},
            after={field: value},
            reason=reason,
        )
