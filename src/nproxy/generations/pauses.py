"""People whose wishes the model declined too often rest for an hour, or until an operator says otherwise."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.generations.models import Pause
from nproxy.generations.queries import paused_until
from nproxy.generations.refusals import NotPossible
from nproxy.generations.rules import PAUSE, REFUSALS_ALLOWED, REFUSALS_WITHIN
from nproxy.notifications import actions as notifications
from nproxy.quota import queries as ledger


def pause_if_refused_too_often(user_id: int, now: datetime) -> None:
    """Stop a person for an hour, and tell the operator, after 20 refusals by policy within an hour.

    Call after the refusal is in the ledger: its quota's row, locked until the transaction ends, keeps two
    of them from counting at once. Refusals from before the last pause ended are paid for.
    """
    last = Pause.objects.filter(user_id=user_id).order_by("-until").first()
    if last is not None and last.until > now:
        return
    since = now - REFUSALS_WITHIN if last is None else max(now - REFUSALS_WITHIN, last.until)
    refusals = ledger.refused_by_policy(user_id, since)
    if refusals < REFUSALS_ALLOWED:
        return
    until = now + PAUSE
    Pause.objects.create(user_id=user_id, since=now, until=until, refusals=refusals)
    text = (
        f"The model declined {refusals} wishes of person {user_id} within an hour. They cannot draw until "
        f"{until:%Y-%m-%d %H:%M} UTC, or until `nproxy users unpause`."
    )
    notifications.alert(kind="people.paused", text=text, now=now, subject=str(user_id))


@transaction.atomic
def end_pause(*, user_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let a paused person draw again at once; it takes twenty more refusals to pause them anew.

    Raises NotPossible when no pause runs.
    """
    until = paused_until(user_id, now)
    if not Pause.objects.filter(user_id=user_id, until__gt=now).update(until=now):
        raise NotPossible(user_id)
    audit.record(
        actor=actor,
        action="user.pause_ended",
        target=("user", user_id),
        now=now,
        before={"paused_until": until and until.isoformat()},
        after={"paused_until": None},
        reason=reason,
    )
