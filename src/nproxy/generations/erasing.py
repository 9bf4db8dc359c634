"""Erasing all that a person made: the words, the pictures, what is in line. Their money and its ledger are not here."""

from __future__ import annotations

import contextlib
from datetime import datetime

from django.db import transaction

from nproxy.assets import actions as assets
from nproxy.audit.rules import Actor
from nproxy.conversations import actions as conversations
from nproxy.generations.models import Generation
from nproxy.kit import live
from nproxy.quota import actions as quota
from nproxy.subscriptions import actions as subscriptions

Status = Generation.Status


@transaction.atomic
def erase(*, user_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Take the person's access away for good and erase their conversations and pictures, files by a job.

    Access first: from then on nothing new is accepted. A worker that still draws finds its generation gone, and
    drops what it got.
    """
    with contextlib.suppress(subscriptions.AlreadySuspended):
        subscriptions.suspend(user_id=user_id, reason=reason, actor=actor, now=now)
    still_open = Generation.objects.filter(user_id=user_id, status__in=[Status.QUEUED, Status.RUNNING])
    for generation_id, status in still_open.order_by("id").select_for_update().values_list("id", "status"):
        unpaid = "canceled" if status == Status.RUNNING else ""
        quota.release(generation_id=generation_id, now=now, unpaid=unpaid)
    assets.erase(user_id=user_id, now=now)
    # With the conversations go their turns and generations.
    conversations.erase(user_id=user_id)
    live.bump(user_id)
