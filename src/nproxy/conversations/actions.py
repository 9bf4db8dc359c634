"""Conversations grow by turns; a turn sent twice is one turn.

UnknownConversation   not there, or another person's
AlreadySent           this client_id has its turn already
EmptyTitle            a title needs a word

What is deleted is marked with the moment, by which it can be had back; later its words are erased.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Func, OuterRef, Q, TextField, Value

from nproxy.assets import queries as assets
from nproxy.conversations.models import Conversation, Draft, Turn, TurnSource
from nproxy.conversations.rules import LONGEST_DRAFT, Composed, Wish, clean_title, digest, title_of
from nproxy.kit import live
from nproxy.kit.ids import new_id


class UnknownConversation(LookupError):
    """There is no such conversation of this person."""


class AlreadySent(Exception):
    """The person has sent this client_id before."""


class EmptyTitle(ValueError):
    """Nothing is left of the title."""


@transaction.atomic
def open_conversation(*, user_id: int, now: datetime) -> UUID:
    """Begin an empty conversation."""
    return Conversation.objects.create(id=new_id(), user_id=user_id, created_at=now, touched_at=now).id


@transaction.atomic
def erase(*, user_id: int) -> None:
    """Forget every conversation of a person for good, with all that hangs on it."""
    # First, as whoever keeps a draft does.
    mine = Conversation.objects.filter(user_id=user_id).order_by("id").select_for_update()
    list(mine.values_list("id", flat=True))
    Draft.objects.filter(user_id=user_id).delete()
    Conversation.objects.filter(user_id=user_id).delete()


@transaction.atomic
def keep_draft(*, user_id: int, conversation_id: UUID | None, composed: Composed, now: datetime) -> None:
    """Remember what stands in the composer, in place of what was remembered; the last one wins.

    Pictures that are not this person's are left out. Raises UnknownConversation.
    """
    if conversation_id:
        mine = Conversation.objects.filter(pk=conversation_id, user_id=user_id, deleted_at=None)
        if not mine.select_for_update(no_key=True).exists():
            raise UnknownConversation(conversation_id)
    fields = asdict(composed) | {"prompt": composed.prompt[:LONGEST_DRAFT], "touched_at": now}
    known = assets.of_person(user_id, composed.source_ids)
    fields["source_ids"] = [source for source in composed.source_ids if source in known]
    Draft.objects.bulk_create(
        [Draft(user_id=user_id, conversation_id=conversation_id, **fields)],
        update_conflicts=True,
        unique_fields=["user", "conversation"],
        update_fields=list(fields),
    )


@transaction.atomic
def append_turn(
    *,
    user_id: int,
    conversation_id: UUID,
    client_id: UUID,
    wish: Wish,
    source_ids: Sequence[UUID],
    now: datetime,
) -> UUID:
    """Add a turn to the conversation, which takes its title from its first prompt. Its draft is spent.

    Raises UnknownConversation, or AlreadySent, after which the transaction must be given up.
    """
    mine = Conversation.objects.filter(pk=conversation_id, user_id=user_id, deleted_at=None)
    if not mine.update(touched_at=now):
        raise UnknownConversation(conversation_id)
    is_first = bool(mine.filter(title="").update(title=title_of(wish.prompt)))
    turn = Turn(
        id=new_id(),
        conversation_id=conversation_id,
        user_id=user_id,
        client_id=client_id,
        digest=digest(conversation_id, wish, source_ids),
        created_at=now,
        **asdict(wish),
    )
    try:
        turn.save(force_insert=True)
    except IntegrityError as error:
        if "turn_once_per_client_id" in str(error):
            raise AlreadySent(client_id) from None
        raise
    TurnSource.objects.bulk_create(
        TurnSource(turn=turn, position=position, asset_id=source)
        for position, source in enumerate(source_ids, start=1)
    )
    _spend_draft(user_id, conversation_id, wish.prompt, is_first=is_first)
    return turn.id


def _spend_draft(user_id: int, conversation_id: UUID, prompt: str, *, is_first: bool) -> None:
    """Forget the draft that was sent. Another text, typed meanwhile or elsewhere, stays."""
    here = Q(conversation_id=conversation_id) | (Q(conversation=None) if is_first else Q())
    words = Func(F("prompt"), Value(" \t\r\n"), function="BTRIM", output_field=TextField())
    Draft.objects.filter(here, user_id=user_id).alias(words=words).filter(words=prompt).delete()


@transaction.atomic
def rename(*, user_id: int, conversation_id: UUID, title: str) -> str:
    """Give a conversation another title, and tell the person's pages; the title as it is kept. Raises UnknownConversation, EmptyTitle."""
    kept = clean_title(title)
    if not kept:
        raise EmptyTitle
    if not Conversation.objects.filter(pk=conversation_id, user_id=user_id, deleted_at=None).update(
        title=kept
    ):
        raise UnknownConversation(conversation_id)
    live.bump(user_id)
    return kept


def remove_conversation(*, user_id: int, conversation_id: UUID, now: datetime) -> None:
    """Delete a conversation with its turns, in the caller's transaction. Raises UnknownConversation."""
    mine = Conversation.objects.filter(pk=conversation_id, user_id=user_id, deleted_at=None)
    if not mine.update(deleted_at=now):
        raise UnknownConversation(conversation_id)
    Turn.objects.filter(conversation_id=conversation_id, deleted_at=None).update(deleted_at=now)


def remove_turns(*, user_id: int, turn_ids: Collection[UUID], now: datetime) -> int:
    """Delete turns in the caller's transaction; how many there were."""
    return Turn.objects.filter(pk__in=turn_ids, user_id=user_id, deleted_at=None).update(deleted_at=now)


def remove_empty(*, user_id: int, touched_before: datetime, now: datetime) -> int:
    """Delete the person's conversations that have no turn left and were not touched since; how many there were."""
    left = Turn.objects.filter(conversation_id=OuterRef("pk"), deleted_at=None)
    untouched = Conversation.objects.filter(user_id=user_id, deleted_at=None, touched_at__lt=touched_before)
    return untouched.filter(~Exists(left)).update(deleted_at=now)


def restore(*, user_id: int, deleted_at: datetime) -> int:
    """Give back what the person deleted at that moment, in the caller's transaction; how many turns and conversations."""
    gone = {"user_id": user_id, "deleted_at": deleted_at}
    turns = Turn.objects.filter(**gone).update(deleted_at=None)
    return turns + Conversation.objects.filter(**gone).update(deleted_at=None)


@transaction.atomic
def erase_deleted(*, before: datetime) -> int:
    """Forget the words of what was deleted before that moment; how many turns. Called by the clock."""
    gone = {"deleted_at__lt": before}
    Conversation.objects.filter(**gone).exclude(title="").update(title="")
    return Turn.objects.filter(**gone).exclude(prompt="").update(prompt="")
