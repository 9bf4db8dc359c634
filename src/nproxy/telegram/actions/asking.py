"""Questions before what changes something, and what becomes of the answer."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction

from nproxy.kit.locks import lock_for_transaction
from nproxy.telegram.models import Question
from nproxy.telegram.rules.asking import VALID, Answer, Asked, answer

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answered:
    """A question that was answered: go, or why not. Deed and target are empty when it was never asked."""

    answer: Answer
    deed: str = ""
    target: str = ""


def ask(*, admin_id: int, deed: str, target: str, version: str, now: datetime) -> str:
    """Keep a question about `target` as it is now; the token that answers it."""
    token = secrets.token_urlsafe(16)
    Question.objects.create(
        token=token,
        admin_id=admin_id,
        deed=deed,
        target=target,
        version=version,
        asked_at=now,
        expires_at=now + VALID,
    )
    return token


@transaction.atomic
def settle(*, token: str, admin_id: int, version: Callable[[str, str], str], now: datetime) -> Answered:
    """Answer a question, once, in the caller's transaction, which then does the deed.

    `version` tells the present version of (deed, target). Until the transaction ends no other question about
    the same target is settled, so two admins who tap at once do not do it twice.
    """
    asked = Question.objects.filter(token=token).first()
    if asked is None:
        return _refused(Answered(Answer.TOO_LATE), admin_id)
    lock_for_transaction("telegram deed", zlib.crc32(asked.target.encode()))
    asked = Question.objects.select_for_update().get(token=token)
    verdict = answer(
        Asked(asked.admin_id, asked.version, asked.expires_at, asked.answered_at),
        admin_id=admin_id,
        version=version(asked.deed, asked.target),
        now=now,
    )
    answered = Answered(verdict, asked.deed, asked.target)
    if verdict is not Answer.GO:
        return _refused(answered, admin_id)
    Question.objects.filter(pk=token, answered_at=None).update(answered_at=now)
    return answered


def _refused(answered: Answered, admin_id: int) -> Answered:
    log.warning("telegram.answer_refused", why=answered.answer.value, deed=answered.deed, admin=admin_id)
    return answered
