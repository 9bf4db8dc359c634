"""How somebody gets on the allow-list: a code typed on the server, or a link that was made there.

UnknownCode   nobody was told this code, or it was long ago
CodeExpired   more than an hour old
CodeUsed      somebody was paired by it, or turned away, already
AlreadyPaired this Telegram account is on the list
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from uuid import uuid4

from django.db import transaction

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.kit.locks import lock_for_transaction
from nproxy.telegram.actions import messages
from nproxy.telegram.models import Admin, Invitation, Message, Pairing
from nproxy.telegram.requests import CodeExpired, CodeUsed, UnknownCode, find, secret
from nproxy.telegram.rules import menu, wording
from nproxy.telegram.rules.codes import matching, word_for
from nproxy.telegram.rules.pairing import INVITATION_VALID, VALID, Pending, Reply, reply_to

__all__ = ["CodeExpired", "CodeUsed", "UnknownCode"]

TOLD = """👋 <b>This is an nproxy operations bot.</b>
To let you in, run this on the server within an hour:

<code>nproxy pair {code}</code>

With Docker: <code>docker compose exec web nproxy pair {code}</code>
Lost it? Send /start again."""


class AlreadyPaired(Exception):
    """This Telegram account is an admin already."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody as Telegram shows them to the bot."""

    telegram_id: int
    name: str
    username: str = ""


@transaction.atomic
def greet(*, visitor: Visitor, now: datetime) -> Reply:
    """Answer a stranger's /start: a code, the same code, or nothing."""
    _one_at_a_time()
    waiting = Pairing.objects.filter(state=Pairing.State.PENDING, expires_at__gt=now)
    own = waiting.filter(telegram_id=visitor.telegram_id).first()
    reply = reply_to(Pending(own.expires_at, own.sent_at) if own else None, pending=waiting.count(), now=now)
    if reply is Reply.NEW_CODE:
        own = Pairing.objects.create(
            telegram_id=visitor.telegram_id,
            name=visitor.name,
            username=visitor.username,
            requested_at=now,
            expires_at=now + VALID,
            sent_at=now,
        )
        _record(
            "telegram_pairing.requested",
            own,
            actor_of(visitor),
            now,
            before=None,
            after=Pairing.State.PENDING,
        )
    if own is not None and reply is not Reply.NOTHING:
        Pairing.objects.filter(pk=own.pk).update(sent_at=now)
        messages.write(
            chat_id=own.telegram_id,
            text=TOLD,
            purpose=Message.Purpose.REPLY,
            pairing_id=own.pk,
            now=now,
        )
    return reply


@transaction.atomic
def pair(*, code: str, role: str, actor: Actor, now: datetime) -> Visitor:
    """Let the person in who was told this code; the bot greets them. Raises UnknownCode, CodeExpired, CodeUsed,
    AlreadyPaired."""
    _one_at_a_time()
    request = find(code, now)
    visitor = Visitor(request.telegram_id, request.name, request.username)
    admit(visitor, role, actor, now)
    _end(request, Pairing.State.PAIRED, now)
    return visitor


@transaction.atomic
def reject(*, code: str, actor: Actor, now: datetime) -> None:
    """Turn the person away who was told this code, without a word to them. Raises as `pair`."""
    _one_at_a_time()
    request = find(code, now)
    _end(request, Pairing.State.REJECTED, now)
    _record(
        "telegram_pairing.rejected",
        request,
        actor,
        now,
        before=Pairing.State.PENDING,
        after=Pairing.State.REJECTED,
    )


@transaction.atomic
def invite(*, role: str, actor: Actor, now: datetime) -> str:
    """Make a word that lets one person in within an hour, past the queue: they send it to the bot after /start."""
    invitation = Invitation.objects.create(
        id=uuid4(), role=role, created_at=now, expires_at=now + INVITATION_VALID
    )
    audit.record(
        actor=actor,
        action="telegram_admin.invited",
        target=("telegram_invitation", invitation.pk),
        now=now,
        before=None,
        after={"role": role},
    )
    return word_for(invitation.pk, secret())


@transaction.atomic
def accept(*, word: str, visitor: Visitor, now: datetime) -> bool:
    """Let the bearer of an invitation in. False for a word that is none, is used, or is too old."""
    _one_at_a_time()
    valid = {one.pk: one for one in Invitation.objects.filter(used_at=None, expires_at__gt=now)}
    found = matching(word, [(pk, word_for(pk, secret())) for pk in valid])
    if found is None:
        return False
    Invitation.objects.filter(pk=found, used_at=None).update(used_at=now, used_by=visitor.telegram_id)
    admit(visitor, valid[found].role, actor_of(visitor), now)
    waiting = Pairing.objects.filter(state=Pairing.State.PENDING, telegram_id=visitor.telegram_id)
    waiting.update(state=Pairing.State.PAIRED, ended_at=now)
    return True


def admit(visitor: Visitor, role: str, actor: Actor, now: datetime) -> None:
    """Put them on the list, greet them and tell the others. Raises AlreadyPaired."""
    others = list(Admin.objects.filter(revoked_at=None))
    if any(other.telegram_id == visitor.telegram_id for other in others):
        raise AlreadyPaired
    admin = Admin.objects.create(
        telegram_id=visitor.telegram_id,
        name=visitor.name,
        username=visitor.username,
        role=role,
        paired_at=now,
    )
    audit.record(
        actor=actor,
        action="telegram_admin.paired",
        target=("telegram_admin", admin.pk),
        now=now,
        before=None,
        after={"telegram_id": visitor.telegram_id, "name": visitor.name, "role": role},
    )
    may = "look at everything and act" if role == "operator" else "look at everything"
    messages.write(
        chat_id=visitor.telegram_id,
        text=f"✅ <b>You are in, {escape(visitor.name)}.</b>\nYou may {may}. Alerts come to this chat by themselves.",
        keyboard=menu.home(),
        key=f"greeting:{admin.pk}",
        now=now,
    )
    for other in others:
        tell(other, f"👤 {wording.person(visitor.name, visitor.username)} is paired now, as {role}.", now)


def tell(admin: Admin, text: str, now: datetime) -> None:
    """News about the list itself."""
    messages.write(chat_id=admin.telegram_id, text=text, purpose=Message.Purpose.REPLY, now=now)


def actor_of(visitor: Visitor) -> Actor:
    """Who acts when this person does."""
    name = f"@{visitor.username}" if visitor.username else visitor.name
    return Actor(kind="telegram", id=str(visitor.telegram_id), name=name, origin="telegram")


def _end(request: Pairing, state: Pairing.State, now: datetime) -> None:
    pending = Pairing.objects.filter(pk=request.pk, state=Pairing.State.PENDING)
    if not pending.update(state=state, ended_at=now):
        raise CodeUsed


def _record(
    action: str,
    request: Pairing,
    actor: Actor,
    now: datetime,
    *,
    before: Pairing.State | None,
    after: Pairing.State,
) -> None:
    who = {"telegram_id": request.telegram_id, "name": request.name, "username": request.username}
    audit.record(
        actor=actor,
        action=action,
        target=("telegram_pairing", request.pk),
        now=now,
        before={**who, "state": before.value} if before else None,
        after={**who, "state": after.value},
    )


def _one_at_a_time() -> None:
    lock_for_transaction("telegram pairing", 0)
