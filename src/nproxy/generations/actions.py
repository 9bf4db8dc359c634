"""What is done with generations: by people, by the clock (recover). Refusals: `refusals.py`, raised from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from nproxy.assets import actions as assets
from nproxy.assets import queries as pictures
from nproxy.audit.rules import Actor
from nproxy.conversations import actions as conversations
from nproxy.conversations import queries as turns
from nproxy.conversations.rules import Wish, digest
from nproxy.generations import access, jobs, lease
from nproxy.generations.canceling import cancel_open, end
from nproxy.generations.counting import count_ended
from nproxy.generations.erasing import erase
from nproxy.generations.models import Generation
from nproxy.generations.pace import measure as measure_pace
from nproxy.generations.pauses import end_pause
from nproxy.generations.recovery import recover
from nproxy.generations.refusals import (
    ClientIdReused,
    InvalidWish,
    NoActiveCycle,
    NotEnoughLeft,
    NotPossible,
    NotRestorable,
    Paused,
    Refusal,
    StillStopping,
    StoreFull,
    Suspended,
    TooManyPending,
    TooManyUnpaid,
    UnknownConversation,
    UnknownGeneration,
    UnknownSource,
    UnknownTurn,
)
from nproxy.generations.removing import LOCK as REMOVING
from nproxy.generations.removing import (
    delete,
    delete_conversation,
    delete_old,
    delete_pictures,
    delete_turn,
    discard_deleted,
    restore,
)
from nproxy.generations.rules import problems
from nproxy.kit import live
from nproxy.kit.ids import new_id
from nproxy.kit.locks import lock_for_transaction
from nproxy.providers.rules import CAPABILITIES
from nproxy.subscriptions import actions as subscriptions

__all__ = [
    "ClientIdReused",
    "InvalidWish",
    "NoActiveCycle",
    "NotEnoughLeft",
    "NotPossible",
    "NotRestorable",
    "Paused",
    "Refusal",
    "StillStopping",
    "StoreFull",
    "Suspended",
    "TooManyPending",
    "TooManyUnpaid",
    "UnknownConversation",
    "UnknownGeneration",
    "UnknownSource",
    "UnknownTurn",
    "count_ended",
    "delete",
    "delete_conversation",
    "delete_old",
    "delete_pictures",
    "delete_turn",
    "discard_deleted",
    "end_pause",
    "erase",
    "measure_pace",
    "recover",
    "restore",
]

Status = Generation.Status


@dataclass(frozen=True, slots=True)
class Started:
    """The accepted turn and its (generation, status) pairs; `repeated` when its client_id had it already."""

    turn_id: UUID
    generations: list[tuple[UUID, str]]
    repeated: bool


def start(
    *,
    user_id: int,
    conversation_id: UUID,
    client_id: UUID,
    wish: Wish,
    source_ids: Sequence[UUID],
    now: datetime,
) -> Started:
    """Accept a turn: the turn, its holds, its generations and their jobs, in one transaction or not at all.

    The same `client_id` with the same body is the same turn. Raises a Refusal.
    """
    if wish.model not in CAPABILITIES:
        raise InvalidWish({"model": ["unknown"]})
    if found := problems(wish, len(source_ids), CAPABILITIES[wish.model]):
        raise InvalidWish(found)
    if not assets.watch_room(now=now):
        raise StoreFull
    try:
        return _accept(
            user_id=user_id,
            conversation_id=conversation_id,
            client_id=client_id,
            wish=wish,
            source_ids=source_ids,
            now=now,
        )
    except conversations.AlreadySent:
        return _repetition(user_id, client_id, digest(conversation_id, wish, source_ids))
    except conversations.UnknownConversation:
        raise UnknownConversation(conversation_id) from None
    except assets.UnknownAsset:
        raise UnknownSource from None


@transaction.atomic
def _accept(
    *,
    user_id: int,
    conversation_id: UUID,
    client_id: UUID,
    wish: Wish,
    source_ids: Sequence[UUID],
    now: datetime,
) -> Started:
    # Waits for a delete, of the conversation or the account, that has begun: it takes all rows there are by then.
    lock_for_transaction(REMOVING, user_id)
    turn_id = conversations.append_turn(
        user_id=user_id,
        conversation_id=conversation_id,
        client_id=client_id,
        wish=wish,
        source_ids=source_ids,
        now=now,
    )
    pictures.owned(user_id, source_ids)
    ids = [new_id() for _ in range(wish.batch_size)]
    access.hold(user_id, [(generation_id, 1) for generation_id in ids], now)
    job_ids = jobs.defer(ids)
    version = live.bump(user_id)
    Generation.objects.bulk_create(
        Generation(
            id=generation_id,
            turn_id=turn_id,
            user_id=user_id,
            position=position,
            job_id=job_id,
            queued_at=now,
            version=version,
        )
        for position, (generation_id, job_id) in enumerate(zip(ids, job_ids, strict=True), start=1)
    )
    return Started(turn_id, [(generation_id, Status.QUEUED.value) for generation_id in ids], repeated=False)


def _repetition(user_id: int, client_id: UUID, body: str) -> Started:
    sent = turns.sent(user_id, client_id)
    if sent is None or sent.digest != body:
        raise ClientIdReused(client_id)
    rows = Generation.objects.filter(turn_id=sent.id).order_by("position").values_list("id", "status")
    return Started(sent.id, list(rows), repeated=True)


@transaction.atomic
def cancel(*, user_id: int, generation_id: UUID, now: datetime) -> None:
    """Stop one generation: in line at once, running by dropping its result. Raises UnknownGeneration, NotPossible."""
    if not cancel_open(Generation.objects.filter(pk=generation_id, user_id=user_id), user_id, now):
        raise _missing_or_not_possible(user_id, generation_id)


@transaction.atomic
def cancel_turn(*, user_id: int, turn_id: UUID, now: datetime) -> int:
    """Stop whatever of a turn is still open; how many that were. Raises UnknownTurn."""
    of_turn = Generation.objects.filter(turn_id=turn_id, user_id=user_id)
    if not of_turn.exists():
        raise UnknownTurn(turn_id)
    return cancel_open(of_turn, user_id, now)


def hold(*, user_id: int) -> None:
    """Until the transaction ends, nobody else takes what this person has in line, or changes their cycles.

    To look at them, and then suspend: the line's rows come first (docs/architecture.md).
    """
    in_line = Generation.objects.filter(user_id=user_id, status=Status.QUEUED).order_by("id")
    list(in_line.select_for_update().values_list("id", flat=True))
    subscriptions.hold(user_id=user_id)


@transaction.atomic
def suspend(*, user_id: int, reason: str, actor: Actor, now: datetime) -> int:
    """Take the person's access away and cancel what they have in line; how many that were. What runs may finish.

    Raises subscriptions.AlreadySuspended.
    """
    in_line = Generation.objects.filter(user_id=user_id, status=Status.QUEUED).order_by("id")
    ids = list(in_line.select_for_update().values_list("id", flat=True))
    subscriptions.suspend(user_id=user_id, reason=reason, actor=actor, now=now)
    # Accepted meanwhile, but from now on nothing is. Skipped: who holds such a row takes it out of line.
    late = in_line.exclude(pk__in=ids).select_for_update(skip_locked=True)
    ids += late.values_list("id", flat=True)
    end(dict.fromkeys(ids, Status.QUEUED), now)
    if ids:
        live.stamp(user_id, Generation, ids)
    else:
        live.bump(user_id)
    return len(ids)


@transaction.atomic
def retry(*, user_id: int, generation_id: UUID, now: datetime) -> None:
    """Put a failed or canceled generation in line again, in its place, if the person may draw now.

    A canceled run that its worker still draws is refused: its lease is what makes it count as pending, and
    a retry would take that away while the provider is still being paid for.
    Raises UnknownGeneration, NotPossible, UnknownSource and the refusals of access.
    """
    ended = Generation.objects.filter(
        pk=generation_id, user_id=user_id, status__in=[Status.FAILED, Status.CANCELED], deleted_at=None
    )
    lock_for_transaction(REMOVING, user_id)
    again = ended.exclude(access.still_stopping(now)).update(
        status=Status.QUEUED,
        stage=Generation.Stage.IN_LINE,
        ordinal=F("ordinal") + 1,
        crashes=0,
        lease_token=None,
        queued_at=now,
        started_at=None,
        finished_at=None,
        error_code="",
        error_reference="",
    )
    if not again:
        raise (
            StillStopping(generation_id)
            if ended.exists()
            else _missing_or_not_possible(user_id, generation_id)
        )
    turn_id, ordinal = Generation.objects.values_list("turn_id", "ordinal").get(pk=generation_id)
    try:
        pictures.owned(user_id, turns.task(turn_id).source_ids)
    except assets.UnknownAsset:
        raise UnknownSource from None
    access.hold(user_id, [(generation_id, ordinal)], now)
    lease.attend([generation_id])
    live.stamp(user_id, Generation, [generation_id])


def _missing_or_not_possible(user_id: int, generation_id: UUID) -> Refusal:
    mine = Generation.objects.filter(pk=generation_id, user_id=user_id, deleted_at=None)
    return NotPossible(generation_id) if mine.exists() else UnknownGeneration(generation_id)
