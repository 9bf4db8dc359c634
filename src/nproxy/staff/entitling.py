"""What an operator does about a person's access: grant, extend, suspend, resume; block and let in again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from nproxy.accounts import actions as accounts
from nproxy.accounts import queries as people
from nproxy.accounts.models import User
from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor
from nproxy.generations import actions as generations
from nproxy.staff.acts import Act, ReasonForm, Takes, Words
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries

NUMBER = UnfoldAdminIntegerFieldWidget


class GrantForm(ReasonForm):
    months = forms.IntegerField(
        label=gettext_lazy("Months"), min_value=1, max_value=120, initial=1, widget=NUMBER
    )
    limit = forms.IntegerField(
        label=gettext_lazy("Requests in all of it"),
        min_value=1,
        required=False,
        widget=NUMBER,
        help_text=gettext_lazy("Empty: as the plan has in a month."),
    )
    field_order = ("months", "limit", "reason")


class ExtendForm(ReasonForm):
    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=1, max_value=3650, widget=NUMBER)
    field_order = ("days", "reason")


def grant(target: User, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    subscriptions.grant(
        user_id=target.pk,
        months=data["months"],
        limit=data["limit"],
        reason=data["reason"],
        actor=actor,
        now=now,
    )
    return _standing(target, now)


def extend(target: User, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    subscriptions.extend(user_id=target.pk, days=data["days"], reason=data["reason"], actor=actor, now=now)
    return _standing(target, now)


def suspend(target: User, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    canceled = generations.suspend(user_id=target.pk, reason=data["reason"], actor=actor, now=now)
    return _("Suspended. Cancelled in line: %(count)d.") % {"count": canceled}


def resume(target: User, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    subscriptions.resume(user_id=target.pk, reason=data["reason"], actor=actor, now=now)
    return _standing(target, now)


def block(target: User, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    accounts.block(user_id=target.pk, reason=data["reason"], actor=actor, now=now)
    return _("Blocked, and signed out everywhere.")


def unblock(target: User, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    accounts.unblock(user_id=target.pk, reason=data["reason"], actor=actor, now=now)
    return _("They may sign in again.")


def close_sessions(target: User, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    accounts.close_sessions(user_id=target.pk, reason=data["reason"], actor=actor, now=now)
    return _("Signed out on every device.")


def confirm(target: User, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    accounts.confirm_email(user_id=target.pk, reason=data["reason"], actor=actor, now=now)
    return _("The address counts as confirmed.")


def hold_cycles(target: User, data: dict[str, Any]) -> None:
    subscriptions.hold(user_id=target.pk)


def hold_line_and_cycles(target: User, data: dict[str, Any]) -> None:
    generations.hold(user_id=target.pk)


def _standing(target: User, now: datetime) -> str:
    access = queries.subscription(target.pk, now)
    until = f"{access.ends_at:%Y-%m-%d %H:%M} UTC" if access.ends_at else "–"
    return _("%(state)s until %(until)s.") % {"state": access.state, "until": until}


def is_confirmed(target: User) -> bool:
    person = people.person(target.pk)
    return person is not None and person.verified


def _is_suspended(target: User, now: datetime) -> bool:
    return queries.is_suspended(target.pk)


GRANT = Act(
    name="grant",
    label=gettext_lazy("Grant a cycle"),
    question=gettext_lazy(
        "Starts now, or behind the cycle that runs. One cycle with one limit, however many months."
    ),
    icon="redeem",
    needs=Right.MONEY,
    form=GrantForm,
    perform=grant,
    refusals={
        subscriptions.AlreadyQueued: gettext_lazy("A cycle waits already, and only one can."),
        subscriptions.NoPlan: gettext_lazy("There is no plan to take the limit from: name one."),
        subscriptions.BadPlan: "",
    },
    hold=hold_cycles,
)
EXTEND = Act(
    name="extend",
    label=gettext_lazy("Extend"),
    question=gettext_lazy("The cycle that runs ends later; one that waits behind it moves with it."),
    icon="more_time",
    needs=Right.MONEY,
    form=ExtendForm,
    takes=Takes.MANY,
    perform=extend,
    refusals={
        subscriptions.NothingRuns: gettext_lazy("No cycle runs. Grant one instead."),
        subscriptions.BadPlan: "",
    },
    hold=hold_cycles,
)
SUSPEND = Act(
    name="suspend",
    label=gettext_lazy("Suspend"),
    question=gettext_lazy(
        "They draw no more, and what they have in line is cancelled. The cycle's time goes on."
    ),
    icon="pause_circle",
    needs=Right.MONEY,
    perform=suspend,
    refusals={subscriptions.AlreadySuspended: gettext_lazy("They are suspended already.")},
    offered=lambda target, now: not _is_suspended(target, now),
    hold=hold_line_and_cycles,
    is_dangerous=True,
)
RESUME = Act(
    name="resume",
    label=gettext_lazy("End the suspension"),
    question=gettext_lazy("They may draw again for whatever is left of their cycle."),
    icon="play_circle",
    needs=Right.MONEY,
    perform=resume,
    refusals={subscriptions.NotSuspended: gettext_lazy("They are not suspended.")},
    offered=_is_suspended,
    hold=hold_cycles,
)
BLOCK = Act(
    name="block",
    label=gettext_lazy("Block"),
    question=gettext_lazy(
        "They are signed out everywhere and cannot sign in. Payments for their orders still count."
    ),
    icon="block",
    needs=Right.OPERATE,
    perform=block,
    refusals={
        accounts.AlreadySo: gettext_lazy("They are blocked already."),
        accounts.StillInCharge: gettext_lazy("They have a role. An owner takes it back first."),
    },
    offered=lambda target, now: target.is_active,
    is_dangerous=True,
)
UNBLOCK = Act(
    name="unblock",
    label=gettext_lazy("Let in again"),
    question=gettext_lazy("They may sign in again, with the password they had."),
    icon="lock_open",
    needs=Right.OPERATE,
    perform=unblock,
    refusals={accounts.AlreadySo: gettext_lazy("They are not blocked.")},
    offered=lambda target, now: not target.is_active,
)
CONFIRM = Act(
    name="confirm",
    label=gettext_lazy("Confirm the address"),
    question=gettext_lazy("As if they had followed the link in the mail. Be sure that it is theirs."),
    icon="mark_email_read",
    needs=Right.OPERATE,
    perform=confirm,
    offered=lambda target, now: not is_confirmed(target),
)
CLOSE_SESSIONS = Act(
    name="sessions",
    label=gettext_lazy("Close all sessions"),
    question=gettext_lazy("They are signed out on every device, and may sign in again."),
    icon="logout",
    needs=Right.OPERATE,
    perform=close_sessions,
)
