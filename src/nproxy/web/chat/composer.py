"""The composer as a template draws it: every control comes from the model's capability table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nproxy.assets import actions as assets
from nproxy.assets.queries import PictureView
from nproxy.assets.rules import Taken
from nproxy.conversations.queries import TurnView
from nproxy.conversations.rules import Composed
from nproxy.providers.rules import CAPABILITIES
from nproxy.web import words
from nproxy.web.chat.boxes import fitted

MODEL = "nano_banana"
NOTHING = Composed()
# The ratio picker draws each ratio inside a square of this side.
DRAWING = 24


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio; `said` is how a turn's head names it. `width` and `height` are the box of a ratio, 0 for auto."""

    value: str
    label: str
    hint: str
    checked: bool
    said: str
    width: int = 0
    height: int = 0

    @property
    def drawing(self) -> tuple[int, int, int, int]:
        """The ratio drawn to scale around the middle of a square: x, y, width, height."""
        longer = max(self.width, self.height)
        width, height = (max(3, round(side * DRAWING / longer)) for side in (self.width, self.height))
        return -width // 2, -height // 2, width, height


@dataclass(frozen=True, slots=True)
class Composer:
    """Everything that `components/composer.html` shows."""

    action: str
    client_id: str
    prompt: str
    mode: str
    pictures: Sequence[PictureView]
    taken: Taken
    person: str
    ratios: list[Choice]
    resolutions: list[Choice]
    counts: list[Choice]
    strengths: list[Choice]
    max_sources: int
    max_prompt_chars: int


def composer(
    action: str,
    given: Mapping[str, str],
    *,
    person: str = "",
    composed: Composed = NOTHING,
    pictures: Sequence[PictureView] = (),
) -> Composer:
    """The composer that posts to `action`: with `given`, else with what was `composed`, else with the defaults.

    `person` is a name for whoever composes that tells nothing, under which a browser keeps what is not saved yet.
    """
    can = CAPABILITIES[MODEL]
    sizes = tuple(map(str, can.batch_sizes))
    strengths = tuple(step.name for step in can.strengths)
    return Composer(
        action=action,
        client_id=given.get("client_id") or str(uuid4()),
        prompt=given.get("prompt", composed.prompt),
        mode=composed.mode,
        pictures=pictures,
        taken=assets.taken(),
        person=person,
        ratios=_choices(_ratio, can.aspect_ratios, given.get("aspect_ratio"), composed.aspect_ratio, "auto"),
        resolutions=_choices(
            _resolution, can.resolutions, given.get("resolution"), composed.resolution, "1K"
        ),
        counts=_choices(_amount, sizes, given.get("batch_size"), str(composed.batch_size), "1"),
        strengths=_choices(_strength, strengths, given.get("strength"), composed.strength, "balanced"),
        max_sources=can.max_sources,
        max_prompt_chars=can.max_prompt_chars,
    )


def settings_of(turn: TurnView) -> Composed:
    """The settings that a turn was sent with, for the composer to go on with."""
    return Composed(
        resolution=turn.resolution,
        aspect_ratio=turn.aspect_ratio,
        batch_size=turn.batch_size,
        strength=turn.strength,
    )


def cost(count: int) -> str:
    """What sending `count` images costs, in words."""
    return ngettext("%(count)d image, %(count)d request", "%(count)d images, %(count)d requests", count) % {
        "count": count
    }


def _choices(draw: Callable[[str, bool], Choice], values: Sequence[str], *wanted: str | None) -> list[Choice]:
    """A radio for each value; the first of `wanted` that is one of them is chosen."""
    chosen = next(value for value in wanted if value in values)
    return [draw(value, value == chosen) for value in values]


def _ratio(value: str, checked: bool) -> Choice:  # noqa: FBT001 - a radio's state
    size = CAPABILITIES[MODEL].size("1K", value)
    if size is None:
        hint = _("The shape of the picture you attach, otherwise square")
        return Choice(value, _("Auto"), hint, checked, _("Auto"))
    return Choice(value, value, "", checked, value, *fitted(*size))


def _resolution(value: str, checked: bool) -> Choice:  # noqa: FBT001
    return Choice(value, value, str(words.RESOLUTIONS.get(value, "")), checked, value)


def _amount(value: str, checked: bool) -> Choice:  # noqa: FBT001
    said = ngettext("%(count)d image", "%(count)d images", int(value)) % {"count": int(value)}
    return Choice(value, value, cost(int(value)), checked, said)


def _strength(name: str, checked: bool) -> Choice:  # noqa: FBT001
    label, hint = words.STRENGTHS[name]
    return Choice(name, str(label), str(hint), checked, str(label))
