"""The hour without drawing that twenty refusals bring, ended by an operator."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nproxy.accounts.models import User
from nproxy.accounts.rules import Right
from nproxy.audit.rules import Actor
from nproxy.generations import actions as generations
from nproxy.generations import queries as drawing
from nproxy.staff.acts import Act, Words


def unpause(target: User, data: dict[str, Any], *, actor: Actor, now: datetime) -> Words:
    generations.end_pause(user_id=target.pk, reason=data["reason"], actor=actor, now=now)
    return _("%(who)s may draw again.") % {"who": target}


UNPAUSE = Act(
    name="unpause",
    label=gettext_lazy("End the pause"),
    question=gettext_lazy(
        "The model declined twenty of their wishes within an hour. It takes twenty more to pause them anew."
    ),
    icon="play_arrow",
    needs=Right.OPERATE,
    offered=lambda user, now: drawing.paused_until(user.pk, now) is not None,
    perform=unpause,
    refusals={generations.NotPossible: gettext_lazy("They are not paused.")},
)
