"""Made-up facts for the style guide: one of each kind, shown by the same templates as real ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from nproxy.assets.queries import PictureView
from nproxy.billing.rules.states import State
from nproxy.conversations.queries import TurnView
from nproxy.generations.queries import GenerationView
from nproxy.subscriptions.queries import CycleView, Subscription
from nproxy.web import words
from nproxy.web.billing.showing import Rung, rungs
from nproxy.web.chat.showing import ShownTurn, show

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PICTURE_FILE = "landing/planet.webp"
PICTURE = PictureView(UUID(int=0x57), 960, 800, "")
LEVELS = (100, 80, 60, 40, 20, 0)


def batteries() -> list[Subscription]:
    """What is left, at each step."""
    return [Subscription("active", NOW + timedelta(days=18), level) for level in LEVELS]


def standings() -> list[Subscription]:
    """How things can stand for a person."""
    end = NOW + timedelta(days=18)
    queued = CycleView(2, end, end + timedelta(days=31), "payment")
    return [
        Subscription("none", None, 0),
        Subscription("active", end, 60),
        Subscription("active", end, 20, queued),
        Subscription("active", end, 0),
        Subscription("expired", NOW - timedelta(days=3), 0),
        Subscription("suspended", end, 0),
    ]


def ladders() -> list[dict[str, list[Rung]]]:
    """A payment on each rung."""
    return [{"rungs": rungs(state)} for state in (State.WAITING, State.SEEN, State.CONFIRMING, State.ACTIVE)]


def turns() -> list[ShownTurn]:
    """A batch that is under way, and turns whose boxes ended in every way there is."""
    under_way = [
        _box(1, "succeeded", image=PICTURE),
        _box(2, "running", "saving"),
        _box(3, "running", "drawing"),
    ]
    ended = [_box(number, "failed", error=code) for number, code in enumerate(words.TROUBLES, start=1)]
    return [
        _turn(0x10, "A pink planet with two moons, stars like dust", [*under_way, _box(4, "queued")]),
        _turn(
            0x20,
            "The same at sunrise",
            [_box(1, "succeeded", image=PICTURE)],
            sources=[PICTURE],
            strength="subtle",
        ),
        _turn(0x30, "[fault]", [*ended, _box(6, "canceled")]),
    ]


def _turn(
    number: int,
    prompt: str,
    boxes: Sequence[GenerationView],
    *,
    sources: Sequence[PictureView] = (),
    strength: str = "",
) -> ShownTurn:
    turn = TurnView(
        id=UUID(int=number),
        conversation_id=UUID(int=1),
        client_id=UUID(int=number),
        prompt=prompt,
        mode="image_to_image" if sources else "text_to_image",
        resolution="2K",
        aspect_ratio="auto" if sources else "5:4",
        strength=strength,
        batch_size=min(4, len(boxes)),
        created_at=NOW,
        sources=list(sources),
    )
    return show(turn, boxes, (12, 20))


def _box(
    position: int, status: str, stage: str = "in_line", *, error: str = "", image: PictureView | None = None
) -> GenerationView:
    return GenerationView(
        id=UUID(int=0x1000 + position),
        turn_id=UUID(int=1),
        position=position,
        status=status,
        stage=stage,
        queued_at=NOW,
        started_at=NOW,
        finished_at=None,
        error_code=error,
        error_reference="K7Q2M9XD" if error else "",
        deleted=False,
        image=image,
    )
