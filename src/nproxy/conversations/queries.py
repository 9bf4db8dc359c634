"""Conversations as their person reads them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, OuterRef, Q, QuerySet

from nproxy.assets import queries as assets
from nproxy.assets.queries import PictureView
from nproxy.conversations.models import Conversation, Draft, Turn, TurnSource
from nproxy.conversations.rules import DRAFT_HOLDS, Composed, Wish, mark_of, search_query

# So many of the newest turns are looked at for past prompts, most of which are said more than once.
SEARCHED_PROMPTS = 400


@dataclass(frozen=True, slots=True)
class ConversationLine:
    id: UUID
    title: str
    touched_at: datetime


@dataclass(frozen=True, slots=True)
class TurnView:
    id: UUID
    conversation_id: UUID
    client_id: UUID
    prompt: str
    mode: str
    resolution: str
    aspect_ratio: str
    strength: str
    batch_size: int
    created_at: datetime
    sources: list[PictureView]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Turns of a conversation that follow one another, oldest first, and whether there are others on either side."""

    turns: list[TurnView]
    has_earlier: bool
    has_later: bool


@dataclass(frozen=True, slots=True)
class SentTurn:
    """A turn found by its client_id, with what tells a repetition from another body."""

    id: UUID
    digest: str
    conversation_id: UUID


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs to know of a turn: the wish, and its sources in order."""

    wish: Wish
    source_ids: tuple[UUID, ...]


def of_user(user_id: int, limit: int = 200) -> list[ConversationLine]:
    """The person's conversations that have a turn, the last touched first, at most `limit`."""
    return _lines(_titled(user_id)[:limit])


def list_mark(user_id: int) -> str:
    """Changes when `of_user` gains, loses or renames a conversation, but not by a new turn in one of them."""
    return mark_of((line.id, line.title) for line in of_user(user_id))


def search(user_id: int, text: str, limit: int = 50) -> list[ConversationLine]:
    """The person's conversations in whose title or prompts every word of `text` begins a word; the last touched first."""
    if not (words := search_query(text)):
        return []
    query = SearchQuery(words, config="simple", search_type="raw")
    told = Turn.objects.filter(conversation_id=OuterRef("pk"), deleted_at=None, words=query)
    title = SearchVector("title", config="simple")
    found = _titled(user_id).annotate(title_words=title).filter(Exists(told) | Q(title_words=query))
    return _lines(found[:limit])


def _titled(user_id: int) -> QuerySet[Conversation]:
    mine = Conversation.objects.filter(user_id=user_id, deleted_at=None)
    return mine.exclude(title="").order_by("-touched_at")


def _lines(rows: QuerySet[Conversation]) -> list[ConversationLine]:
    return [ConversationLine(row.id, row.title, row.touched_at) for row in rows]


def line(user_id: int, conversation_id: UUID) -> ConversationLine | None:
    """One conversation's head; None when it is not this person's."""
    row = Conversation.objects.filter(pk=conversation_id, user_id=user_id, deleted_at=None).first()
    return ConversationLine(row.id, row.title, row.touched_at) if row else None


def transcript(user_id: int, conversation_id: UUID) -> list[TurnView]:
    """All turns of a conversation, oldest first; empty when it is not this person's."""
    turns = _kept(user_id).filter(conversation_id=conversation_id).order_by("created_at", "id")
    return _views(list(turns))


def stretch(
    user_id: int,
    conversation_id: UUID,
    *,
    limit: int,
    before: UUID | None = None,
    around: UUID | None = None,
) -> Stretch:
    """At most `limit` turns of a conversation: the newest, those just before a turn, or those with a turn among them.

    The turn that says where may be deleted by now; one of another conversation says nothing.
    """
    here = _kept(user_id).filter(conversation_id=conversation_id)
    rows = here.order_by("-created_at", "-id")
    if mark := _place_of(user_id, conversation_id, before):
        rows = rows.filter(created_at__lte=mark[0]).exclude(created_at=mark[0], id__gte=mark[1])
    elif mark := _place_of(user_id, conversation_id, around):
        following = _behind(here, mark).order_by("created_at", "id")[: limit // 2]
        end = list(following.values_list("created_at", "id"))[-1:] or [mark]
        rows = rows.filter(created_at__lte=end[0][0]).exclude(created_at=end[0][0], id__gt=end[0][1])
    found = list(rows[: limit + 1])
    turns = found[:limit][::-1]
    last = (turns[-1].created_at, turns[-1].id) if turns else mark
    has_later = mark is not None and last is not None and _behind(here, last).exists()
    return Stretch(_views(turns), len(found) > limit, has_later)


def some(user_id: int, conversation_id: UUID, turn_ids: Collection[UUID]) -> list[TurnView]:
    """Those of the turns that are in this conversation, oldest first."""
    turns = _kept(user_id).filter(conversation_id=conversation_id, pk__in=turn_ids)
    return _views(list(turns.order_by("created_at", "id")))


def _place_of(user_id: int, conversation_id: UUID, turn_id: UUID | None) -> tuple[datetime, UUID] | None:
    """Where a turn stands in its conversation, deleted ones too."""
    if turn_id is None:
        return None
    row = Turn.objects.filter(pk=turn_id, user_id=user_id, conversation_id=conversation_id)
    return row.values_list("created_at", "id").first()


def _behind(turns: QuerySet[Turn], mark: tuple[datetime, UUID]) -> QuerySet[Turn]:
    """Those later than that place."""
    return turns.filter(created_at__gte=mark[0]).exclude(created_at=mark[0], id__lte=mark[1])


def turn(user_id: int, turn_id: UUID) -> TurnView | None:
    """One turn; None when it is not this person's."""
    views = _views(list(_kept(user_id).filter(pk=turn_id)))
    return views[0] if views else None


def _kept(user_id: int) -> QuerySet[Turn]:
    return Turn.objects.filter(user_id=user_id, deleted_at=None).defer("words")


def sent(user_id: int, client_id: UUID) -> SentTurn | None:
    """The turn that this client_id made, if it made one."""
    rows = Turn.objects.filter(user_id=user_id, client_id=client_id)
    row = rows.values_list("id", "digest", "conversation_id").first()
    return SentTurn(*row) if row else None


def task(turn_id: UUID) -> Task:
    """What the turn asks for. Raises LookupError when it is gone."""
    row = Turn.objects.filter(pk=turn_id).defer("words").first()
    if row is None:
        raise LookupError(turn_id)
    wish = Wish(
        row.prompt, row.mode, row.resolution, row.aspect_ratio, row.strength, row.batch_size, row.model
    )
    sources = (
        TurnSource.objects.filter(turn_id=turn_id).order_by("position").values_list("asset_id", flat=True)
    )
    return Task(wish, tuple(sources))


def used_as_sources(asset_ids: Collection[UUID], now: datetime) -> set[UUID]:
    """Those of the assets that some turn, not deleted, starts from, or some draft that is not older than `DRAFT_HOLDS`."""
    rows = TurnSource.objects.filter(asset_id__in=asset_ids, turn__deleted_at=None)
    drafts = Draft.objects.filter(source_ids__overlap=list(asset_ids), touched_at__gt=now - DRAFT_HOLDS)
    drafted = {source for ids in drafts.values_list("source_ids", flat=True) for source in ids}
    return set(rows.values_list("asset_id", flat=True)) | drafted.intersection(asset_ids)


def draft(user_id: int, conversation_id: UUID | None) -> tuple[Composed, list[PictureView]] | None:
    """What stands unsent in the conversation's composer (None: the empty chat's), with its live pictures."""
    place = Q(conversation=conversation_id) if conversation_id else Q(conversation=None)
    row = Draft.objects.filter(place, user_id=user_id).first()
    if row is None:
        return None
    pictures = assets.pictures(row.source_ids) if row.source_ids else {}
    live = tuple(source for source in row.source_ids if source in pictures)
    composed = Composed(
        row.prompt, row.mode, row.resolution, row.aspect_ratio, row.batch_size, row.strength, live
    )
    return composed, [pictures[source] for source in live]


def last_asked(user_id: int) -> Composed:
    """The settings of the person's newest turn anywhere, without its words and pictures."""
    settings = (
        Turn.objects.filter(user_id=user_id, deleted_at=None)
        .order_by("-created_at")
        .values_list("resolution", "aspect_ratio", "batch_size", "strength")
    )
    row = settings.first()
    return Composed("", "", *row) if row else Composed()


def prompts(user_id: int, search: str = "", limit: int = 50) -> list[str]:
    """The person's own prompts that contain `search`, each once, the latest first."""
    turns = Turn.objects.filter(user_id=user_id, deleted_at=None).order_by("-created_at")
    found = turns.filter(prompt__icontains=search) if search else turns
    return list(dict.fromkeys(found.values_list("prompt", flat=True)[:SEARCHED_PROMPTS]))[:limit]


def turns_with_sources(asset_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """(turn, asset) for each turn that starts from one of these assets."""
    return list(TurnSource.objects.filter(asset_id__in=asset_ids).values_list("turn_id", "asset_id"))


def turns_of(conversation_id: UUID) -> list[UUID]:
    """All turns of a conversation, deleted ones too."""
    return list(Turn.objects.filter(conversation_id=conversation_id).values_list("id", flat=True))


def _views(turns: list[Turn]) -> list[TurnView]:
    links = list(TurnSource.objects.filter(turn__in=turns).order_by("position"))
    pictures = assets.pictures([link.asset_id for link in links])
    sources: dict[UUID, list[PictureView]] = {}
    for link in links:
        if link.asset_id in pictures:
            sources.setdefault(link.turn_id, []).append(pictures[link.asset_id])
    return [
        TurnView(
            id=row.id,
            conversation_id=row.conversation_id,
            client_id=row.client_id,
            prompt=row.prompt,
            mode=row.mode,
            resolution=row.resolution,
            aspect_ratio=row.aspect_ratio,
            strength=row.strength,
            batch_size=row.batch_size,
            created_at=row.created_at,
            sources=sources.get(row.id, []),
        )
        for row in turns
    ]
