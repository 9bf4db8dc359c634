"""The gallery's filters in words, each as a link that switches it on or off."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nproxy.generations.rules import Sought
from nproxy.web.gallery.choosing import as_query


@dataclass(frozen=True, slots=True)
class Filter:
    """`address` is the gallery with the filter switched over."""

    label: Promise
    address: str
    is_on: bool


MODES = {"text_to_image": _("From text"), "image_to_image": _("From picture")}
SHAPES = {"landscape": _("Wide"), "portrait": _("Tall"), "square": _("Square")}


def filters(sought: Sought) -> list[Filter]:
    """All that can be filtered by."""
    switched = [(_("Favourites"), sought.favourite, replace(sought, favourite=not sought.favourite))]
    switched += [
        (label, sought.mode == mode, replace(sought, mode="" if sought.mode == mode else mode))
        for mode, label in MODES.items()
    ]
    switched += [
        (label, sought.shape == shape, replace(sought, shape="" if sought.shape == shape else shape))
        for shape, label in SHAPES.items()
    ]
    return [Filter(label, f"/gallery/{as_query(then)}", is_on) for label, is_on, then in switched]
