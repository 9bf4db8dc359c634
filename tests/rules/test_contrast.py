"""The colours of tokens.css can be read and seen, in both themes (WCAG 2.2: text 4.5:1, parts of controls 3:1)."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

import nproxy.web

TOKENS = Path(nproxy.web.__file__).parent / "static" / "css" / "tokens.css"
OKLCH = re.compile(r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)")
TEXT = [
    ("ink", "paper"),
    ("ink", "raised"),
    ("ink", "sunken"),
    ("muted", "paper"),
    ("muted", "raised"),
    ("muted", "sunken"),
    ("bad-text", "paper"),
    ("bad-text", "raised"),
    ("on-accent", "accent"),
    ("ink", "accent-soft"),
    ("paper", "ink"),
]
PARTS = [("edge", "paper"), ("edge", "raised"), ("bad", "paper"), ("ink", "accent-soft")]


def linear_rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """OKLCH to linear sRGB, clipped to the gamut (Björn Ottosson's matrices)."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return tuple(min(1.0, max(0.0, part)) for part in (red, green, blue))  # type: ignore[return-value]


def luminance(colour: str) -> float:
    found = OKLCH.fullmatch(colour)
    assert found, colour
    red, green, blue = linear_rgb(float(found[1]) / 100, float(found[2]), float(found[3]))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def token(name: str, theme: int) -> str:
    """The colour of a token in the light (0) or dark (1) theme."""
    declared = re.search(rf"--{name}: ([^;]+);", TOKENS.read_text())
    assert declared, name
    colours = [found[0] for found in OKLCH.finditer(declared[1])]
    return colours[theme] if len(colours) == 2 else colours[0]


def contrast(one: str, other: str, theme: int) -> float:
    darker, lighter = sorted((luminance(token(one, theme)), luminance(token(other, theme))))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_can_be_read(front: str, back: str, theme: int) -> None:
    assert contrast(front, back, theme) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), PARTS)
def test_parts_of_controls_can_be_seen(front: str, back: str, theme: int) -> None:
    assert contrast(front, back, theme) >= 3


def test_the_yardstick_is_right() -> None:
    white, black = luminance("oklch(100% 0 0)"), luminance("oklch(0% 0 0)")
    assert (white + 0.05) / (black + 0.05) == pytest.approx(21, abs=0.01)
