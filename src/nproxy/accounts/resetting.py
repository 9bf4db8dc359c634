"""The mail with which somebody chooses a new password, sent because an operator says so."""

from __future__ import annotations

from datetime import datetime

from allauth.account.forms import ResetPasswordForm
from allauth.core import context, ratelimit
from django.db import transaction

from nproxy.accounts.refusals import MailedEnough, ShutOut
from nproxy.accounts.standing import person
from nproxy.audit import actions as audit
from nproxy.audit.rules import Actor


@transaction.atomic
def send_reset(*, user_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Owe the mail as if the person had asked for it themselves; nobody else sees its link. While a request is answered.

    Raises UnknownPerson; ShutOut, for a blocked account; MailedEnough, by the same limit as on the person's own page.
    """
    user = person(user_id)
    form = ResetPasswordForm({"email": user.email})
    if not form.is_valid() or user not in form.users:
        raise ShutOut(user_id)
    if not ratelimit.consume(context.request, action="reset_password", key=user.email):
        raise MailedEnough(user_id)
    form.save(context.request)
    audit.record(
        actor=actor,
        action="user.reset_sent",
        target=("user", user_id),
        now=now,
        before=None,
        after=None,
        reason=reason,
    )
