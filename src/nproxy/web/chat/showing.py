"""Turns and their boxes as the page draws them, and as JSON tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nproxy.assets.queries import PictureView
from nproxy.conversations import queries as conversations
from nproxy.conversations.queries import TurnView
from nproxy.generations import queries as generations
from nproxy.generations.queries import GenerationView
from nproxy.providers.rules import CAPABILITIES
from nproxy.web import words
from nproxy.web.chat.boxes import fitted, shape
from nproxy.web.chat.composer import MODEL

# Words longer than this, or of more lines, are folded.
LONG_PROMPT = 480
LONG_LINES = 6


@dataclass(frozen=True, slots=True)
class Card:
    """One box of a turn. It has its picture's shape from the first moment, so nothing ever moves."""

    generation: GenerationView
    width: int
    height: int
    trouble: str
    next_step: str


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """`usual` says how long its pictures take, `slow_after` (seconds) when they take longer; empty and 0: not known."""

    turn: TurnView
    cards: list[Card]
    shape: str
    strength: str
    usual: str
    slow_after: int

    @property
    def is_long(self) -> bool:
        """Whether its words are folded until one asks for all of them."""
        return len(self.turn.prompt) > LONG_PROMPT or self.turn.prompt.count("\n") >= LONG_LINES


def shown(user_id: int, turns: Sequence[TurnView]) -> list[ShownTurn]:
    """The turns with their boxes, in the given order."""
    boxes = generations.of_turns(user_id, [turn.id for turn in turns])
    paces = generations.paces()
    return [show(turn, boxes[turn.id], paces.get(turn.resolution)) for turn in turns]


def one(user_id: int, turn_id: UUID) -> ShownTurn:
    """One turn with its boxes. Raises LookupError when it is not this person's."""
    turn = conversations.turn(user_id, turn_id)
    if turn is None:
        raise LookupError(turn_id)
    return shown(user_id, [turn])[0]


def show(turn: TurnView, boxes: Sequence[GenerationView], pace: tuple[int, int] | None = None) -> ShownTurn:
    """A turn with the boxes that it is given, and the pace at which such boxes fill."""
    width, height = expected_box(turn)
    cards = [_card(view, width, height) for view in boxes]
    strength = str(words.STRENGTHS[turn.strength][0]) if turn.strength else ""
    usual, slow_after = (words.usually(*pace), pace[1]) if pace else ("", 0)
    return ShownTurn(turn, cards, shape(width, height), strength, usual, slow_after)


def _card(view: GenerationView, width: int, height: int) -> Card:
    if view.image is not None:
        width, height = fitted(view.image.width, view.image.height)
    return Card(view, width, height, words.trouble(view.error_code), words.next_step(view.error_code))


def expected_box(turn: TurnView) -> tuple[int, int]:
    """The (width, height) of the turn's boxes before there is a picture: auto follows the last source, else 1:1."""
    size = CAPABILITIES[MODEL].size(turn.resolution, turn.aspect_ratio)
    if size is None and turn.sources:
        size = (turn.sources[-1].width, turn.sources[-1].height)
    return fitted(*(size or (1, 1)))


def turn_json(item: ShownTurn) -> dict[str, Any]:
    """A turn with its generations, as `GET /chat/<conversation>/` tells it."""
    turn = item.turn
    return {
        "id": turn.id,
        "prompt": turn.prompt,
        "mode": turn.mode,
        "resolution": turn.resolution,
        "aspect_ratio": turn.aspect_ratio,
        "strength": turn.strength,
        "batch_size": turn.batch_size,
        "created_at": turn.created_at,
        "sources": [picture_json(picture) for picture in turn.sources],
        "generations": [generation_json(card.generation) for card in item.cards],
    }


def generation_json(view: GenerationView) -> dict[str, Any]:
    """A generation as `GET /updates/` tells it."""
    return {
        "id": view.id,
        "turn": view.turn_id,
        "status": view.status,
        "stage": view.stage,
        "queued_at": view.queued_at,
        "started_at": view.started_at,
        "finished_at": view.finished_at,
        "deleted": view.deleted,
        "error": _error_json(view),
        "image": picture_json(view.image) if view.image else None,
    }


def _error_json(view: GenerationView) -> dict[str, str] | None:
    if not view.error_code:
        return None
    message = words.trouble(view.error_code)
    return {
        "code": view.error_code,
        "message": message,
        "reference": view.error_reference,
        "next_step": words.next_step(view.error_code),
    }


def picture_json(picture: PictureView) -> dict[str, Any]:
    """A picture with its addresses: the original bytes, and a small copy."""
    return {
        "id": picture.id,
        "width": picture.width,
        "height": picture.height,
        "url": f"/images/{picture.id}/original",
        "thumbnail_url": f"/images/{picture.id}/640",
    }
