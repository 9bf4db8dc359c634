"""The second factor's secrets, sealed like all others, and what is done when somebody has lost theirs.

allauth.mfa keeps them (the app's secret, the recovery codes' seed) in rows of its own, as text.
"""

from __future__ import annotations

import base64
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction

from nproxy.accounts.models import User
from nproxy.accounts.refusals import AlreadySo
from nproxy.accounts.standing import person
from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor, as_operator
from nproxy.kit import secrets

PLACE = "second_factor"
# Where allauth keeps what it had us seal.
SEALED = ("secret", "seed")


# What each change makes of somebody's second factor: (had one, has one).
FACTOR_CHANGES = {"added": (False, True), "removed": (True, False), "codes_renewed": (True, True)}


class NoSecondFactor(Exception):
    """There is none to take away."""


def seal_second_factor(text: str) -> str:
    """For allauth to store."""
    return base64.b64encode(secrets.seal(text, place=PLACE)).decode()


def open_second_factor(stored: str) -> str:
    """What `seal_second_factor` was given. Raises kit.secrets.WrongEncryptionKey, SealBroken."""
    return secrets.open_sealed(base64.b64decode(stored), place=PLACE)


def rotate_second_factors() -> int:
    """Seal each of them anew with the newest encryption key; how many. Safe to run again. Raises WrongEncryptionKey."""
    rotated = 0
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().get(pk=pk)
            fresh = {
                name: seal_second_factor(open_second_factor(row.data[name]))
                for name in SEALED
                if name in row.data
            }
            rotated += Authenticator.objects.filter(pk=pk).update(data={**row.data, **fresh})
    return rotated


@transaction.atomic
def remove_second_factor(*, user_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Take away the app and the codes of somebody who has lost both: they set up new ones when they sign in next.

    Raises NoSecondFactor.
    """
    User.objects.select_for_update().filter(pk=user_id).exists()
    if not Authenticator.objects.filter(user_id=user_id).delete()[0]:
        raise NoSecondFactor
    audit.record(
        actor=actor,
        action="user.second_factor_taken",
        target=("user", user_id),
        now=now,
        before={"second_factor": True},
        after={"second_factor": False},
        reason=reason,
    )


@transaction.atomic
def add_second_factor(*, user_id: int, secret: str, actor: Actor, now: datetime) -> None:
    """Let someone prove themselves by codes made from `secret` (base32, RFC 6238), which is stored sealed.

    Raises UnknownPerson, AlreadySo.
    """
    if Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).exists():
        raise AlreadySo
    TOTP.activate(person(user_id), secret)
    record_second_factor(user_id=user_id, change="added", actor=actor, now=now)


def record_second_factor(*, user_id: int, change: str, actor: Actor, now: datetime) -> None:
    """Audit that someone with a role changed their second factor, in one of the ways of FACTOR_CHANGES."""
    if User.objects.filter(pk=user_id).exclude(role="").exists():
        had, has = FACTOR_CHANGES[change]
        audit.record(
            actor=as_operator(actor),
            action=f"user.second_factor_{change}",
            target=("user", user_id),
            now=now,
            before={"second_factor": had},
            after={"second_factor": has},
        )
