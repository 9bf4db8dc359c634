"""Where people are signed in: a row for each browser, beside its session. The verbs are in `actions`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from nproxy.accounts.models import SignIn, User
from nproxy.accounts.refusals import UnknownPerson
from nproxy.accounts.rules import normal_email
from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor, as_operator
from nproxy.kit.ids import new_id


class UnknownSignIn(LookupError):
    """There is no such sign-in of this person."""


@transaction.atomic
def note_visit(
    *, user_id: int, sign_in_id: UUID | None, session_key: str, user_agent: str, address: str, now: datetime
) -> UUID:
    """Write down that the person's browser was here, known by the id that the last visit answered; its id.

    A session changes its key when the password changes: the id stays, and so does `began_at`.
    """
    seen = {
        "session_key": session_key,
        "user_agent": user_agent[:255],
        "address": address[:64],
        "seen_at": now,
    }
    if sign_in_id and SignIn.objects.filter(pk=sign_in_id, user_id=user_id).update(**seen):
        return sign_in_id
    # The first page of a session may ask for several things at once: one row, whoever of them writes it first.
    SignIn.objects.bulk_create(
        [SignIn(id=new_id(), user_id=user_id, began_at=now, **seen)],
        update_conflicts=True,
        unique_fields=["session_key"],
        update_fields=["user_id", "began_at", "user_agent", "address", "seen_at"],
    )
    return SignIn.objects.values_list("id", flat=True).get(session_key=session_key)


@transaction.atomic
def end_sign_in(*, user_id: int, sign_in_id: UUID) -> None:
    """Sign the person out in one browser, at once. Raises UnknownSignIn."""
    if not _end(SignIn.objects.filter(pk=sign_in_id, user_id=user_id)):
        raise UnknownSignIn(sign_in_id)


@transaction.atomic
def end_others(*, user_id: int, kept_id: UUID | None) -> int:
    """Sign the person out everywhere but in one browser; in how many."""
    others = SignIn.objects.filter(user_id=user_id)
    return _end(others.exclude(pk=kept_id) if kept_id else others)


def end_all(user_id: int) -> int:
    """Sign the person out everywhere, in the caller's transaction; in how many browsers."""
    return _end(SignIn.objects.filter(user_id=user_id))


@transaction.atomic
def close_sessions(*, user_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Sign the person out on every device; they may sign in again. Raises UnknownPerson."""
    if not User.objects.filter(pk=user_id).exists():
        raise UnknownPerson(user_id)
    ended = end_all(user_id)
    audit.record(
        actor=actor,
        action="user.sessions_closed",
        target=("user", user_id),
        now=now,
        before={"signed_in": ended},
        after={"signed_in": 0},
        reason=reason,
    )


def record_sign_in(*, email: str, succeeded: bool, actor: Actor, now: datetime) -> None:
    """Audit a try to sign in as someone with a role; other people's signing in is nobody's business.

    Whoever succeeded is that operator; whoever did not has proven to be nobody.
    """
    staff = (
        User.objects.filter(email=normal_email(email)).exclude(role="").values_list("pk", flat=True).first()
    )
    if staff is not None:
        action = "user.signed_in" if succeeded else "user.sign_in_failed"
        who = as_operator(actor) if succeeded else actor
        audit.record(actor=who, action=action, target=("user", staff), now=now, before=None, after=None)


def forget_all(user_id: int) -> None:
    """Their sessions no longer fit (the password changed); the one that goes on is noted at its next visit."""
    SignIn.objects.filter(user_id=user_id).delete()


def forget_ended() -> int:
    """Drop the rows whose session is gone; how many. Called by the clock."""
    alive = Exists(Session.objects.filter(session_key=OuterRef("session_key")))
    return SignIn.objects.exclude(alive).delete()[0]


def _end(rows: QuerySet[SignIn]) -> int:
    Session.objects.filter(session_key__in=list(rows.values_list("session_key", flat=True))).delete()
    return rows.delete()[0]
