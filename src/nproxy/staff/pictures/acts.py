"""What an operator may do for a person's generation: the person's own verbs, and that they were used for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nproxy.accounts.rules import Right
from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor
from nproxy.generations import actions as generations
from nproxy.generations.models import Generation
from nproxy.staff.acts import Act, Takes, Words

Status = Generation.Status
MOVED_ON = gettext_lazy("It is not in a state any more in which this is possible.")
GONE = gettext_lazy("Its owner has deleted it.")


def cancel(target: Generation, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    generations.cancel(user_id=target.user_id, generation_id=target.pk, now=now)
    _record("generation.canceled", target, Status.CANCELED, data, actor, now)
    return _("Canceled. Nothing is charged to its owner.")


def retry(target: Generation, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    generations.retry(user_id=target.user_id, generation_id=target.pk, now=now)
    _record("generation.retried", target, Status.QUEUED, data, actor, now)
    return _("In line again. It counts against its owner's quota if a picture comes of it.")


def _record(action: str, target: Generation, status: Status, data: dict[str, Any], *who_when: Any) -> None:
    actor, now = who_when
    audit.record(
        actor=actor,
        action=action,
        target=("generation", target.pk),
        now=now,
        before={"status": target.status},
        after={"status": status.value},
        reason=data["reason"],
    )


def is_open(target: Generation, now: datetime) -> bool:
    return target.status in {Status.QUEUED, Status.RUNNING}


def has_ended_without_picture(target: Generation, now: datetime) -> bool:
    return target.status in {Status.FAILED, Status.CANCELED} and target.deleted_at is None


CANCEL = Act(
    name="cancel",
    label=gettext_lazy("Cancel"),
    question=gettext_lazy("In line: it ends at once. Being drawn: its picture is thrown away when it comes."),
    icon="cancel",
    needs=Right.OPERATE,
    takes=Takes.MANY,
    is_dangerous=True,
    offered=is_open,
    perform=cancel,
    refusals={generations.NotPossible: MOVED_ON, generations.UnknownGeneration: GONE},
)
RETRY = Act(
    name="retry",
    label=gettext_lazy("Draw again"),
    question=gettext_lazy("Puts it in line again, in its place, if its owner may draw now."),
    icon="replay",
    needs=Right.OPERATE,
    takes=Takes.MANY,
    offered=has_ended_without_picture,
    perform=retry,
    refusals={
        generations.StillStopping: gettext_lazy(
            "Its worker has not let go of it yet. Try again in a minute."
        ),
        generations.NotPossible: MOVED_ON,
        generations.UnknownGeneration: GONE,
        generations.UnknownSource: gettext_lazy("A picture that it starts from was deleted."),
        generations.NoActiveCycle: gettext_lazy("Its owner has no active cycle."),
        generations.Suspended: gettext_lazy("Its owner is suspended."),
        generations.NotEnoughLeft: gettext_lazy("Its owner's quota is used up."),
        generations.TooManyUnpaid: gettext_lazy(
            "Too many calls for its owner brought no picture in this cycle."
        ),
        generations.Paused: gettext_lazy("Its owner is paused after many refusals by policy."),
        generations.TooManyPending: gettext_lazy("Its owner has as many in line as one may have."),
    },
)
