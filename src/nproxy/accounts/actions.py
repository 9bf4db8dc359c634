"""What may be done to an account; whatever changes who may come in and do what is audited.

Refusals: `refusals.py`, raised from here.
"""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from nproxy.accounts import sign_ins
from nproxy.accounts.factors import (
    NoSecondFactor,
    add_second_factor,
    open_second_factor,
    record_second_factor,
    remove_second_factor,
    rotate_second_factors,
    seal_second_factor,
)
from nproxy.accounts.models import User
from nproxy.accounts.refusals import (
    AlreadySo,
    EmailTaken,
    EmailTooLong,
    InvalidEmail,
    LastOwner,
    MailedEnough,
    NotTheirs,
    ShutOut,
    StillInCharge,
    UnknownLanguage,
    UnknownPerson,
    UnknownRole,
    WeakPassword,
)
from nproxy.accounts.resetting import send_reset
from nproxy.accounts.rules import LONGEST_EMAIL, normal_email, tombstone
from nproxy.accounts.sign_ins import (
    UnknownSignIn,
    close_sessions,
    end_others,
    end_sign_in,
    forget_ended,
    note_visit,
    record_sign_in,
)
from nproxy.accounts.standing import block, check_role, hold_roles, person, set_role, unblock
from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.kit.languages import LANGUAGES

__all__ = [
    "AlreadySo",
    "EmailTaken",
    "EmailTooLong",
    "InvalidEmail",
    "LastOwner",
    "MailedEnough",
    "NoSecondFactor",
    "NotTheirs",
    "ShutOut",
    "StillInCharge",
    "UnknownLanguage",
    "UnknownPerson",
    "UnknownRole",
    "UnknownSignIn",
    "WeakPassword",
    "add_second_factor",
    "block",
    "close_sessions",
    "end_others",
    "end_sign_in",
    "forget_ended",
    "hold_roles",
    "note_visit",
    "open_second_factor",
    "record_second_factor",
    "record_sign_in",
    "remove_second_factor",
    "rotate_second_factors",
    "seal_second_factor",
    "send_reset",
    "set_role",
    "unblock",
]


def create_user(
    *, email: str, password: str, role: str = "", verified: bool = False, actor: Actor, now: datetime
) -> int:
    """Open an account and answer its id. `verified` skips the confirmation mail's question.

    Sends no mail. Raises InvalidEmail, WeakPassword, UnknownRole, EmailTaken.
    """
    email = _checked_email(email)
    check_role(role)
    user = User(email=email, role=role, created_at=now)
    _check_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            EmailAddress.objects.create(user=user, email=email, primary=True, verified=verified)
            audit.record(
                actor=actor,
                action="user.created",
                target=("user", user.pk),
                now=now,
                before=None,
                after={"email": email, "role": role, "verified": verified},
            )
    except IntegrityError as error:
        raise EmailTaken(email) from error
    return user.pk


def set_password(*, user_id: int, password: str, actor: Actor, now: datetime) -> None:
    """Replace the password; every session of the account ends. Raises UnknownPerson, WeakPassword."""
    user = person(user_id)
    _check_password(password, user)
    user.set_password(password)
    with transaction.atomic():
        User.objects.filter(pk=user_id).update(password=user.password)
        sign_ins.forget_all(user_id)
        audit.record(
            actor=actor,
            action="user.password_changed",
            target=("user", user_id),
            now=now,
            before=None,
            after=None,
        )


def confirm_email(*, user_id: int, actor: Actor, now: datetime, reason: str = "") -> None:
    """Mark the account's address as its owner's. Confirming twice changes nothing. Raises UnknownPerson."""
    user = person(user_id)
    with transaction.atomic():
        address, is_new = EmailAddress.objects.get_or_create(
            user=user, email=user.email, defaults={"primary": True, "verified": True}
        )
        changed = is_new or EmailAddress.objects.filter(pk=address.pk, verified=False).update(verified=True)
        if changed:
            audit.record(
                actor=actor,
                action="user.email_confirmed",
                target=("user", user_id),
                now=now,
                before={"verified": False},
                after={"verified": True},
                reason=reason,
            )


def set_language(*, user_id: int, language: str) -> None:
    """Speak to this person in `language` from now on, on pages and in mails. Raises UnknownLanguage, UnknownPerson."""
    if language not in LANGUAGES:
        raise UnknownLanguage(language)
    if not User.objects.filter(pk=user_id).update(language=language):
        raise UnknownPerson(user_id)


def set_notices(*, user_id: int, in_tab: bool, by_icon: bool, by_toast: bool) -> None:
    """Where finished pictures are told: in the tab's title, on its icon, and in a line on other pages. Raises UnknownPerson."""
    told = {"tells_in_tab": in_tab, "tells_by_icon": by_icon, "tells_by_toast": by_toast}
    if not User.objects.filter(pk=user_id).update(**told):
        raise UnknownPerson(user_id)


@transaction.atomic
def delete(*, user_id: int, actor: Actor, now: datetime) -> None:
    """Make the account a tombstone: no address, no password, no session, no way back; its id stays with the books.

    What the person made is erased by `generations.actions.erase`. Raises UnknownPerson, StillInCharge, AlreadySo.
    """
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise UnknownPerson(user_id)
    if user.role:
        raise StillInCharge(user_id)
    if user.deleted_at:
        raise AlreadySo
    before: dict[str, object] = {"is_active": user.is_active, "deleted_at": None}
    user.set_unusable_password()
    User.objects.filter(pk=user_id).update(
        email=tombstone(user_id), password=user.password, is_active=False, deleted_at=now
    )
    EmailAddress.objects.filter(user_id=user_id).delete()
    sign_ins.end_all(user_id)
    audit.record(
        actor=actor,
        action="user.deleted",
        target=("user", user_id),
        now=now,
        before=before,
        after={"is_active": False, "deleted_at": now.isoformat()},
    )


def _checked_email(email: str) -> str:
    email = normal_email(email)
    if len(email) > LONGEST_EMAIL:
        raise EmailTooLong(email)
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidEmail(email) from error
    return email


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(error.messages) from error
