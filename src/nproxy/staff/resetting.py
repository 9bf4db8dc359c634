"""A new password for somebody who asks an operator: the mail goes to them, the operator never sees its link."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nproxy.accounts import actions as accounts
from nproxy.accounts.models import User
from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor
from nproxy.staff.acts import Act, Words


def send_reset(target: User, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    accounts.send_reset(user_id=target.pk, reason=data["reason"], actor=actor, now=now)
    return _("A mail with a link for a new password goes to %(who)s.") % {"who": target}


SEND_RESET = Act(
    name="reset",
    label=gettext_lazy("Send a reset mail"),
    question=gettext_lazy(
        "The mail that they get under “Forgotten your password?”. Its link is good for two hours, and theirs alone."
    ),
    icon="lock_reset",
    needs=Right.OPERATE,
    perform=send_reset,
    refusals={
        accounts.ShutOut: gettext_lazy("They are blocked. Let them in again first."),
        accounts.MailedEnough: gettext_lazy(
            "Three such mails went to them within a quarter of an hour. Wait a little."
        ),
        accounts.UnknownPerson: gettext_lazy("It is not there any more."),
    },
    offered=lambda target, now: target.is_active,
)
