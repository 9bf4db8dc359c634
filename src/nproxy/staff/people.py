"""People: their accounts, and who of them is an operator."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from nproxy.accounts import actions as accounts
from nproxy.accounts.models import User
from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor
from nproxy.staff import entitling, knowing, seeing
from nproxy.staff.acts import Act, ReasonForm, Words
from nproxy.staff.pausing import UNPAUSE
from nproxy.staff.reading import ReadOnly
from nproxy.staff.resetting import SEND_RESET
from nproxy.staff.showing import when


class RoleForm(ReasonForm):
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        required=False,
        choices=[
            ("", gettext_lazy("Nobody special")),
            ("viewer", gettext_lazy("Viewer: looks, but sees no prompts and changes nothing")),
            ("operator", gettext_lazy("Operator: everything but roles")),
            ("owner", gettext_lazy("Owner: everything")),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ("role", "reason")


def set_role(target: User, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    accounts.set_role(user_id=target.pk, role=data["role"], reason=data["reason"], actor=actor, now=now)
    return _("%(who)s: %(role)s.") % {"who": target, "role": data["role"] or _("nobody special")}


SET_ROLE = Act(
    name="role",
    label=gettext_lazy("Change the role"),
    question=gettext_lazy("Who has a role may open these pages. It counts from the next page they open."),
    icon="badge",
    needs=Right.ROLES,
    form=RoleForm,
    perform=set_role,
    hold=lambda user, data: accounts.hold_roles(user_id=user.pk),
    refusals={
        accounts.AlreadySo: gettext_lazy("They have this role already."),
        accounts.LastOwner: gettext_lazy("They are the last owner. Make somebody else an owner first."),
        accounts.NotTheirs: gettext_lazy("Only an owner changes roles."),
    },
)


def take_second_factor(target: User, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    accounts.remove_second_factor(user_id=target.pk, reason=data["reason"], actor=actor, now=now)
    return _("%(who)s signs in with the password alone, once, and then sets up a new one.") % {"who": target}


TAKE_SECOND_FACTOR = Act(
    name="second-factor",
    label=gettext_lazy("Take away the second factor"),
    question=gettext_lazy(
        "For somebody who has lost the app and the recovery codes. Be sure that it is them who asks."
    ),
    icon="phonelink_erase",
    is_dangerous=True,
    needs=Right.ROLES,
    perform=take_second_factor,
    refusals={accounts.NoSecondFactor: gettext_lazy("They have none.")},
)


def confirmed_in_words(target: User) -> str:
    return str(_("yes") if entitling.is_confirmed(target) else _("no"))


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ("email", "role", "is_active", when("created_at", gettext_lazy("Since")))
    list_filter = ("role", "is_active")
    search_fields = ("email", "id")
    exclude = ("password",)
    audited_as = "user"
    watched = (
        "role",
        "is_active",
        seeing.Sight("cycles", gettext_lazy("Cycles"), knowing.cycles_in_words),
        seeing.Sight("confirmed", gettext_lazy("Address confirmed"), confirmed_in_words),
    )
    acts = (
        *(entitling.GRANT, entitling.EXTEND, entitling.SUSPEND, entitling.RESUME),
        *(entitling.CONFIRM, SEND_RESET, entitling.CLOSE_SESSIONS, entitling.BLOCK, entitling.UNBLOCK),
        *(UNPAUSE, SET_ROLE, TAKE_SECOND_FACTOR),
    )
    panels = ("staff/tables.html",)

    def panel_context(self, request: HttpRequest, target: User, now: datetime) -> dict[str, Any]:
        tables = [
            knowing.cycle_table(target, now),
            knowing.ledger_table(target, now),
            knowing.order_table(target, now),
            knowing.picture_table(target, now),
            knowing.picture_table(target, now, refused=True),
            knowing.mail_table(target, now),
        ]
        return {"tables": tables}
