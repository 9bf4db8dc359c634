"""One of the scenes: an arch, a plinth and a few balls in a photographer's corner."""

from __future__ import annotations

from nproxy_sandbox.drawing.brush import Easel
from nproxy_sandbox.drawing.palette import blend


def still_life(easel: Easel) -> None:
    """The wall, the arch, the floor before it, and what stands there."""
    palette, hand, unit = easel.palette, easel.hand, easel.unit
    easel.wash(palette.far, palette.near)
    # Tall and wide canvases keep the proportions of a square in their middle.
    floor = round(easel.height / 2 + unit * 0.22)
    middle = easel.width * hand.uniform(0.44, 0.56)
    easel.glow((middle, floor - unit * 0.32), unit * 0.75, palette.light, 0.75)
    _arch(easel, middle, floor)
    easel.wash(
        blend(palette.near, palette.light, 0.25), blend(palette.near, palette.shapes[1], 0.7), start=floor
    )
    _plinth(easel, middle, floor)
    for index in range(hand.choice((2, 3))):
        _ball(easel, middle, floor, index)


def _arch(easel: Easel, middle: float, floor: int) -> None:
    """A pill whose lower half the floor will cover."""
    palette, hand, unit = easel.palette, easel.hand, easel.unit
    wide, above = round(unit * 0.5), round(unit * 0.56)
    left = middle - wide * hand.choice((0.3, 0.5, 0.7))
    colour = palette.shapes[hand.choice((0, 1))]
    size = (wide, above + round(unit * 0.26))
    easel.slab((left, floor - above), size, unit * 0.25, colour, blend(colour, palette.shapes[2], 0.5))


def _plinth(easel: Easel, middle: float, floor: int) -> None:
    palette, unit = easel.palette, easel.unit
    wide, tall = round(unit * 0.34), round(unit * 0.14)
    left, top = middle - wide / 2, floor - tall * 0.35
    easel.shadow((middle + unit * 0.05, top + tall), wide * 1.2, unit * 0.09, 0.45)
    side = blend(palette.light, palette.shapes[1], 0.45)
    easel.slab((left, top), (wide, tall), unit * 0.012, side, blend(side, palette.shapes[2], 0.5))
    edge = blend(palette.light, side, 0.2)
    easel.slab((left, top), (wide, round(tall * 0.16)), unit * 0.012, edge, edge)
    radius = unit * 0.155
    easel.shadow((middle + radius * 0.12, top + unit * 0.008), radius * 1.1, unit * 0.022, 0.3)
    easel.ball((middle, top - radius + 1), radius, palette.light, palette.shapes[2], palette.shapes[3])


def _ball(easel: Easel, middle: float, floor: int, index: int) -> None:
    palette, hand, unit = easel.palette, easel.hand, easel.unit
    radius = unit * hand.uniform(0.05, 0.1)
    x = middle + (-1 if index % 2 else 1) * unit * hand.uniform(0.26, 0.4)
    y = floor + unit * hand.uniform(0.04, 0.14) - radius
    colour = palette.shapes[(index * 2 + 1) % 4]
    easel.shadow((x + radius * 0.6, y + radius * 0.95), radius * 2.4, radius * 0.6, 0.42)
    easel.ball((x, y), radius, blend(colour, palette.light, 0.75), colour, blend(colour, palette.ink, 0.55))
