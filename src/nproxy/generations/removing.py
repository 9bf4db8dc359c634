"""Deleting, and having back what was deleted a moment ago.

Whatever is deleted together carries the same moment, and that moment is what a restore asks for. Open generations are
canceled first. Pictures are gone from every page at once; their bytes, and the words, a while later.
One person's deletes wait for each other; rows are locked in the order conversation, picture, generation, quota, version.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from nproxy.assets import actions as assets
from nproxy.assets import queries as pictures
from nproxy.assets.rules import REMOVED_AFTER, RESTORABLE
from nproxy.conversations import actions as conversations
from nproxy.conversations import queries as turns
from nproxy.generations.canceling import OPEN, cancel_open
from nproxy.generations.models import Generation
from nproxy.generations.refusals import NotRestorable, UnknownConversation, UnknownGeneration, UnknownTurn
from nproxy.generations.rules import KEPT_BACK
from nproxy.kit import live
from nproxy.kit.locks import lock_for_transaction

LOCK = "generations.removing"
# Rows of one piece, when much is removed.
AT_ONCE = 200


@transaction.atomic
def delete(*, user_id: int, generation_id: UUID, now: datetime) -> None:
    """Remove a generation and its picture; an open one is canceled first. Raises UnknownGeneration.

    The picture's bytes stay as long as an open generation draws from them (see `discard_deleted`).
    """
    lock_for_transaction(LOCK, user_id)
    if not _remove(user_id, _kept(user_id).filter(pk=generation_id), now):
        raise UnknownGeneration(generation_id)


@transaction.atomic
def delete_pictures(*, user_id: int, asset_ids: Collection[UUID], now: datetime) -> int:
    """Remove the generations of these pictures; how many there were."""
    lock_for_transaction(LOCK, user_id)
    return _remove(user_id, _kept(user_id).filter(asset_id__in=asset_ids), now)


@transaction.atomic
def delete_turn(*, user_id: int, turn_id: UUID, now: datetime) -> None:
    """Remove a turn with all its generations. Raises UnknownTurn."""
    lock_for_transaction(LOCK, user_id)
    if not conversations.remove_turns(user_id=user_id, turn_ids=[turn_id], now=now):
        raise UnknownTurn(turn_id)
    _remove(user_id, _kept(user_id).filter(turn_id=turn_id), now)


@transaction.atomic
def delete_conversation(*, user_id: int, conversation_id: UUID, now: datetime) -> None:
    """Remove a conversation with everything in it. Raises UnknownConversation."""
    lock_for_transaction(LOCK, user_id)
    try:
        # First: from here on nothing is added to it.
        conversations.remove_conversation(user_id=user_id, conversation_id=conversation_id, now=now)
    except conversations.UnknownConversation:
        raise UnknownConversation(conversation_id) from None
    _remove(user_id, _kept(user_id).filter(turn_id__in=turns.turns_of(conversation_id)), now)


@transaction.atomic
def restore(*, user_id: int, deleted_at: datetime, now: datetime) -> int:
    """Give back all that the person deleted at that moment, canceled ones as canceled; how many generations.

    Raises NotRestorable when it is too late, or nothing was deleted then.
    """
    lock_for_transaction(LOCK, user_id)
    if not now - RESTORABLE < deleted_at <= now:
        raise NotRestorable
    gone = (
        Generation.objects.filter(user_id=user_id, deleted_at=deleted_at).order_by("id").select_for_update()
    )
    rows = dict(gone.values_list("id", "asset_id"))
    back = conversations.restore(user_id=user_id, deleted_at=deleted_at)
    if not rows and not back:
        raise NotRestorable
    try:
        assets.restore([asset_id for asset_id in rows.values() if asset_id], now)
    except assets.TooLate:
        raise NotRestorable from None
    Generation.objects.filter(pk__in=rows).update(deleted_at=None)
    _tell(user_id, rows)
    return len(rows)


def delete_old(*, ended_before: datetime, now: datetime) -> int:
    """Remove what ended before that moment as if its owner had done it, and conversations that nothing is left of.

    In pieces, each in a transaction of its own. Called by the clock; how many generations.
    """
    old = Generation.objects.filter(finished_at__lt=ended_before, deleted_at=None).order_by("finished_at")
    gone = 0
    while piece := list(old.values_list("user_id", "id")[:AT_ONCE]):
        for user_id in {user_id for user_id, _ in piece}:
            gone += _remove_ended(user_id, [each for owner, each in piece if owner == user_id], now)
            # In a transaction of its own: conversations are locked before pictures.
            conversations.remove_empty(user_id=user_id, touched_before=ended_before, now=now)
    return gone


@transaction.atomic
def _remove_ended(user_id: int, generation_ids: list[UUID], now: datetime) -> int:
    lock_for_transaction(LOCK, user_id)
    # One that is drawn again meanwhile has not ended.
    ended = _kept(user_id).filter(pk__in=generation_ids, finished_at__isnull=False)
    return _remove(user_id, ended, now)


def discard_deleted(*, now: datetime) -> int:
    """Drop the pictures of deleted generations that had to wait for an open one, and the words of what is gone for good.

    Called by the clock; how many pictures.
    """
    conversations.erase_deleted(before=now - REMOVED_AFTER)
    return sum(_discard_unneeded(user_id, [asset_id], now) for user_id, asset_id in _kept_back(now))


def _kept_back(now: datetime) -> list[tuple[int, UUID]]:
    """(person, asset) of generations deleted in the last week whose picture is still there."""
    rows = Generation.objects.filter(
        deleted_at__gt=now - KEPT_BACK, asset__isnull=False, asset__deleted_at=None
    )
    return list(rows.values_list("user_id", "asset_id"))


def _kept(user_id: int) -> QuerySet[Generation]:
    return Generation.objects.filter(user_id=user_id, deleted_at=None)


def _remove(user_id: int, mine: QuerySet[Generation], now: datetime) -> int:
    """Delete the generations, and the turns of which nothing is left; how many generations."""
    pictures.owned(user_id, list(mine.filter(asset__isnull=False).values_list("asset_id", flat=True)))
    cancel_open(mine, user_id, now)
    rows = list(mine.order_by("id").select_for_update().values_list("id", "turn_id", "asset_id"))
    ids = [generation_id for generation_id, _, _ in rows]
    Generation.objects.filter(pk__in=ids).update(deleted_at=now)
    touched = {turn_id for _, turn_id, _ in rows}
    alive = _kept(user_id).filter(turn_id__in=touched).values_list("turn_id", flat=True)
    conversations.remove_turns(user_id=user_id, turn_ids=touched - set(alive), now=now)
    _discard_unneeded(user_id, [asset_id for _, _, asset_id in rows if asset_id], now)
    _tell(user_id, ids)
    return len(ids)


@transaction.atomic
def _discard_unneeded(user_id: int, asset_ids: list[UUID], now: datetime) -> int:
    # Locked first: a turn that is just taking one of these as its source is either seen below, or refused.
    pictures.owned(user_id, asset_ids)
    sources = turns.turns_with_sources(asset_ids)
    drawing = Generation.objects.filter(turn_id__in={turn_id for turn_id, _ in sources}, status__in=OPEN)
    busy = set(drawing.values_list("turn_id", flat=True))
    needed = {asset_id for turn_id, asset_id in sources if turn_id in busy}
    return assets.discard([asset_id for asset_id in asset_ids if asset_id not in needed], now)


def _tell(user_id: int, generation_ids: Iterable[UUID]) -> None:
    if ids := list(generation_ids):
        live.stamp(user_id, Generation, ids)
    else:
        live.bump(user_id)
