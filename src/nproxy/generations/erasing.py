"""Erasing all that a person made: the words, the pictures, what is in line. Their money and its ledger are not here."""

from __future__ import annotations

import contextlib
from datetime import datetime

from django.db import transaction

from nproxy.assets import actions as assets
from nproxy.audit.rules import Actor
from nproxy.conversations import actions as conversations
from nproxy.generations.canceling import OPEN
from nproxy.generations.models import Generation
from nproxy.generations.removing import LOCK
from nproxy.kit import live
from nproxy.kit.locks import lock_for_transaction
from nproxy.quota import actions as quota
from nproxy.subscriptions import actions as subscriptions

Status = Generation.Status


@transaction.atomic
def erase(*, user_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Take the person's access away for good and erase their conversations and pictures, files by a job.

    Nothing is accepted meanwhile, nor afterwards: access is gone. A worker that still draws finds its generation
    gone, and drops what it got. Rows are locked in the order of all who change them: generation, quota, version.
    """
    lock_for_transaction(LOCK, user_id)
    mine = Generation.objects.filter(user_id=user_id).order_by("id").select_for_update()
    statuses = list(mine.values_list("id", "status"))
    with contextlib.suppress(subscriptions.AlreadySuspended):
        subscriptions.suspend(user_id=user_id, reason=reason, actor=actor, now=now)
    for generation_id, status in statuses:
        if status not in OPEN:
            continue
        unpaid = "canceled" if status == Status.RUNNING else ""
        quota.release(generation_id=generation_id, now=now, unpaid=unpaid)
    assets.erase(user_id=user_id, now=now)
    # With the conversations go their turns and generations.
    conversations.erase(user_id=user_id)
    live.bump(user_id)
