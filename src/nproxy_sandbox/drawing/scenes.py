"""The compositions. Each paints one studio-like scene with a seeded hand; none knows the prompt."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image, ImageFilter

from nproxy_sandbox.drawing.brush import Easel, Point, polygon_mask, wash
from nproxy_sandbox.drawing.palette import Colour, blend
from nproxy_sandbox.drawing.still_life import still_life

RIDGES = 5
STARS = 90


def dunes(easel: Easel) -> None:
    """Ridges behind ridges, and a sun."""
    palette, hand = easel.palette, easel.hand
    easel.wash(palette.far, palette.near)
    sun = (easel.width * hand.uniform(0.25, 0.75), easel.height * hand.uniform(0.22, 0.4))
    radius = easel.unit * hand.uniform(0.1, 0.16)
    easel.glow(sun, radius * 4.5, palette.light, 0.9)
    easel.disc(sun, radius, palette.light, blend(palette.light, palette.near, 0.35))
    colours = (palette.near, *palette.shapes)
    for ridge in range(RIDGES):
        depth = ridge / (RIDGES - 1)
        base = easel.height * (0.48 + 0.36 * depth)
        mask = polygon_mask(easel.canvas.size, _ridge(easel, base, easel.height * (0.05 + 0.045 * depth)))
        crest = blend(colours[ridge], palette.light, 0.18 * (1 - depth))
        foot = blend(crest, palette.ink if ridge == RIDGES - 1 else palette.near, 0.55)
        easel.canvas.paste(_standing(easel, base, crest, foot), (0, 0), mask)


def _ridge(easel: Easel, base: float, swing: float) -> list[Point]:
    """The outline of one ridge: three waves on top of each other, closed at the canvas's foot."""
    hand, long_side = easel.hand, max(easel.width, easel.height)
    waves = [
        (
            hand.uniform(0.6, 1.0) / n,
            math.tau * n * hand.uniform(0.7, 1.3) / long_side,
            hand.uniform(0, math.tau),
        )
        for n in (1, 2, 4)
    ]
    crest = [
        (float(x), base - swing * sum(high * math.sin(fast * x + shift) for high, fast, shift in waves))
        for x in range(0, easel.width + 8, 8)
    ]
    return [*crest, (easel.width, easel.height), (0, easel.height)]


def _standing(easel: Easel, base: float, crest: Colour, foot: Colour) -> Image.Image:
    """A wash that begins a little above `base`, so that each ridge has its own light and its own mist."""
    start = max(0, round(base - easel.height * 0.12))
    layer = Image.new("RGB", easel.canvas.size, crest)
    layer.paste(wash((easel.width, max(1, easel.height - start)), crest, foot), (0, start))
    return layer


def bloom(easel: Easel) -> None:
    """Soft clouds of colour, and a flower of glassy discs before them."""
    palette, hand, unit = easel.palette, easel.hand, easel.unit
    _clouds(easel)
    centre = (easel.width * hand.uniform(0.42, 0.58), easel.height * hand.uniform(0.4, 0.5))
    petals, start = hand.choice((5, 6, 7, 8)), hand.uniform(0, math.tau)
    easel.glow(centre, unit * 0.6, palette.light, 0.6)
    for petal in range(petals):
        angle = start + math.tau * petal / petals
        at = (centre[0] + math.cos(angle) * unit * 0.17, centre[1] + math.sin(angle) * unit * 0.17)
        colour = palette.shapes[petal % 3]
        easel.disc(at, unit * 0.19, blend(colour, palette.light, 0.55), colour, 0.55)
    core = unit * hand.uniform(0.07, 0.1)
    easel.shadow((centre[0] + core * 0.2, centre[1] + core * 0.3), core * 2.4, core * 2.4, 0.35)
    easel.ball(centre, core, palette.light, palette.shapes[2], palette.shapes[3])


def _clouds(easel: Easel) -> None:
    """Painted tiny and enlarged: the blur costs nothing."""
    palette, hand = easel.palette, easel.hand
    small = Easel(wash((64, 64), palette.far, palette.near), palette, hand)
    for colour in (*palette.shapes[:3], palette.light, palette.shapes[hand.randrange(4)]):
        at = (hand.uniform(0, 64), hand.uniform(0, 64))
        small.disc(at, hand.uniform(9, 22), colour, blend(colour, palette.near, 0.4), 0.75)
    clouds = small.canvas.filter(ImageFilter.GaussianBlur(9))
    easel.canvas.paste(clouds.resize(easel.canvas.size, Image.Resampling.BICUBIC))


def orbits(easel: Easel) -> None:
    """One large planet and its moons under a field of stars."""
    palette, hand, unit = easel.palette, easel.hand, easel.unit
    easel.wash(blend(palette.shapes[3], palette.ink, 0.55), palette.shapes[2])
    lamp = (easel.width * hand.uniform(0.15, 0.35), easel.height * hand.uniform(0.1, 0.25))
    easel.glow(lamp, unit * 0.9, palette.light, 0.5)
    for _ in range(STARS):
        at = (hand.uniform(0, easel.width), hand.uniform(0, easel.height * 0.8))
        radius = unit * hand.choice((0.0016, 0.002, 0.0032))
        easel.disc(at, radius, palette.light, palette.light, hand.uniform(0.3, 0.9))
    planet = (easel.width * hand.uniform(0.45, 0.62), easel.height * hand.uniform(0.44, 0.52))
    radius = unit * hand.uniform(0.25, 0.31)
    easel.glow(planet, radius * 1.75, palette.near, 0.6)
    easel.ball(planet, radius, palette.light, palette.shapes[1], palette.ink)
    for index in range(hand.choice((1, 2, 3))):
        angle, away = hand.uniform(0, math.tau), radius * hand.uniform(1.35, 1.8)
        at = (planet[0] + math.cos(angle) * away, planet[1] + math.sin(angle) * away * 0.7)
        easel.ball(
            at, radius * hand.uniform(0.08, 0.2), palette.light, palette.shapes[index * 2 % 4], palette.ink
        )


SCENES: tuple[Callable[[Easel], None], ...] = (dunes, still_life, bloom, orbits)
