"""Eight prompts for an empty chat: each shows another thing that the model does well.

Their pictures (static/img/starters/) are drawn by hand; none pretends to come from the model.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Starter:
    picture: str
    title: Promise
    prompt: Promise


STARTERS = (
    Starter(
        "watercolour",
        _("Watercolour"),
        _("A banana in a space suit on a quiet moon, loose watercolour, lots of paper showing"),
    ),
    Starter(
        "product",
        _("Product photo"),
        _("A ceramic mug on a linen cloth, soft window light from the left, product photo"),
    ),
    Starter(
        "poster",
        _("Poster"),
        _("A travel poster for a small town on a northern coast, flat shapes, four colours"),
    ),
    Starter(
        "portrait",
        _("Portrait"),
        _("Portrait of an old lighthouse keeper, weathered face, 85 mm, overcast light"),
    ),
    Starter(
        "isometric",
        _("Isometric"),
        _("An isometric cutaway of a tiny bookshop with a cat in the window, warm evening light"),
    ),
    Starter(
        "pattern",
        _("Pattern"),
        _("A seamless pattern of lemons and leaves in the style of an old botanical print"),
    ),
    Starter(
        "lettering",
        _("Lettering"),
        _('A hand-painted shop sign that says "Open late", gold leaf on dark green'),
    ),
    Starter(
        "storybook",
        _("Storybook"),
        _("A fox and a snail waiting for a bus in the rain, gentle storybook illustration"),
    ),
)
