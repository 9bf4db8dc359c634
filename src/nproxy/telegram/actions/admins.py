"""The allow-list afterwards: who is taken off it, and who cannot be reached.

UnknownAdmin   nobody on the list is called so
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.notifications import actions as notifications
from nproxy.telegram.actions.pairing import tell
from nproxy.telegram.models import Admin
from nproxy.telegram.rules import wording


class UnknownAdmin(Exception):
    """Nobody on the list is called so."""


@transaction.atomic
def revoke(*, who: str, actor: Actor, now: datetime) -> str:
    """Take somebody off the list, by Telegram id or @username, and tell the others; their name. At once.

    Raises UnknownAdmin.
    """
    admin = _called(who.strip().removeprefix("@"))
    if admin is None or not Admin.objects.filter(pk=admin.pk, revoked_at=None).update(revoked_at=now):
        raise UnknownAdmin(who)
    audit.record(
        actor=actor,
        action="telegram_admin.revoked",
        target=("telegram_admin", admin.pk),
        now=now,
        before={"telegram_id": admin.telegram_id, "name": admin.name, "role": admin.role},
        after=None,
    )
    for other in Admin.objects.filter(revoked_at=None):
        tell(other, f"👤 {wording.person(admin.name, admin.username)} is no longer paired.", now)
    return admin.name


def note_blocked(*, telegram_id: int, now: datetime) -> None:
    """Telegram brings this admin nothing any more. The others are told, once."""
    with transaction.atomic():
        admin = Admin.objects.filter(telegram_id=telegram_id, revoked_at=None, blocked_at=None).first()
        if admin is None or not Admin.objects.filter(pk=admin.pk, blocked_at=None).update(blocked_at=now):
            return
        notifications.alert(
            kind="admins.blocked",
            subject=admin.name,
            text=f"{admin.name} has blocked the bot and gets no alerts. Writing to the bot again ends that.",
            now=now,
        )


def note_back(*, telegram_id: int) -> None:
    """This admin writes to the bot: messages reach them again."""
    Admin.objects.filter(telegram_id=telegram_id, blocked_at__isnull=False).update(blocked_at=None)


def _called(name: str) -> Admin | None:
    if not name:
        return None
    named = Q(username__iexact=name)
    if name.isascii() and name.isdigit():
        named |= Q(telegram_id=int(name))
    return Admin.objects.filter(named, revoked_at=None).first()
