"""The composer as a template draws it: every control comes from the model's capability table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nproxy.conversations.queries import TurnView
from nproxy.providers.rules import CAPABILITIES, Capabilities
from nproxy.web import words

MODEL = "nano_banana"
MODES = ("text_to_image", "image_to_image")
DEFAULTS = {"resolution": "1K", "aspect_ratio": "auto", "batch_size": "1", "strength": "balanced"}
# The ratio picker draws each ratio inside a square of this side.
DRAWING = 24


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio. `width` and `height` are a drawing of a ratio, 0 where there is none."""

    value: str
    label: str
    hint: str
    checked: bool
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Composer:
    """Everything that `components/composer.html` shows."""

    action: str
    client_id: str
    prompt: str
    ratios: list[Choice]
    resolutions: list[Choice]
    counts: list[Choice]
    strengths: list[Choice]
    max_sources: int
    max_prompt_chars: int


def composer(action: str, given: Mapping[str, str]) -> Composer:
    """The composer that posts to `action`, with the values in `given` and the defaults for the rest."""
    can = CAPABILITIES[MODEL]
    chosen = {**DEFAULTS, **given}
    return Composer(
        action=action,
        client_id=chosen.get("client_id") or str(uuid4()),
        prompt=chosen.get("prompt", ""),
        ratios=[_ratio(can, value, chosen["aspect_ratio"]) for value in can.aspect_ratios],
        resolutions=[
            Choice(value, value, str(words.RESOLUTIONS.get(value, "")), value == chosen["resolution"])
            for value in can.resolutions
        ],
        counts=[
            Choice(str(count), str(count), cost(count), str(count) == chosen["batch_size"])
            for count in can.batch_sizes
        ],
        strengths=[_strength(step.name, chosen["strength"]) for step in can.strengths],
        max_sources=can.max_sources,
        max_prompt_chars=can.max_prompt_chars,
    )


def settings_of(turn: TurnView) -> dict[str, str]:
    """The settings that a turn was sent with, for the composer to go on with."""
    kept = {
        "resolution": turn.resolution,
        "aspect_ratio": turn.aspect_ratio,
        "batch_size": str(turn.batch_size),
    }
    return {**kept, "strength": turn.strength} if turn.strength else kept


def cost(count: int) -> str:
    """What sending `count` images costs, in words."""
    return ngettext("%(count)d image, %(count)d request", "%(count)d images, %(count)d requests", count) % {
        "count": count
    }


def _ratio(can: Capabilities, value: str, chosen: str) -> Choice:
    size = can.size("1K", value)
    if size is None:
        hint = _("The shape of the picture you attach, otherwise square")
        return Choice(value, _("Auto"), hint, value == chosen)
    scale = DRAWING / max(size)
    width, height = (max(3, round(side * scale)) for side in size)
    return Choice(value, value, "", value == chosen, width, height)


def _strength(name: str, chosen: str) -> Choice:
    label, hint = words.STRENGTHS[name]
    return Choice(name, str(label), str(hint), name == chosen)
