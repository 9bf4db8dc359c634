"""Which colours a prompt asks for: by its words where they name any, else by its hash."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """`far` and `near` are the backdrop's top and bottom, `shapes` go from light to dark."""

    far: Colour
    near: Colour
    shapes: tuple[Colour, ...]
    light: Colour
    ink: Colour


def _palette(far: str, near: str, shapes: str, light: str, ink: str) -> Palette:
    return Palette(_rgb(far), _rgb(near), tuple(map(_rgb, shapes.split())), _rgb(light), _rgb(ink))


def _rgb(code: str) -> Colour:
    red, green, blue = bytes.fromhex(code)
    return red, green, blue


PALETTES = {
    "banana": _palette("fff1c2", "f8d36b", "f9c846 f0a63c d97b4a 7a4a54", "fffbe8", "33232b"),
    "sea": _palette("d9eef2", "8fc6cf", "a8dadc 5b9fc0 2a6f97 123f5c", "fdfdf5", "0b2239"),
    "forest": _palette("e6eed6", "a9c39a", "b5c99a 7f9f6b 4a7054 24483e", "fffbe0", "12251f"),
    "dusk": _palette("473a6b", "f2a27e", "f7b88b d9778a 8d5a97 4a3f78", "ffe3b3", "1d1836"),
    "rose": _palette("fde8e4", "f3b6b4", "f7c8c0 e58f92 b85c78 6d3a5d", "fff7ef", "31182c"),
    "night": _palette("0d1330", "34457f", "6f86c9 4a5ba6 2e3b78 182150", "f4f0d8", "060a1c"),
    "desert": _palette("fbe4c9", "eeb584", "f2c492 dd8f5b b5603f 6f3a33", "fff6df", "30191a"),
    "ice": _palette("eef5fb", "c3d9ea", "d8e8f3 a6c5df 6f98bf 3c628c", "ffffff", "13253b"),
    "clay": _palette("efe6dd", "d8c3b2", "e4d0bf c79f86 9a6b58 5a3f3a", "fffaf2", "281b1a"),
    "plum": _palette("efe3f3", "c6a4d1", "d9bbe1 a878bb 70498f 402a5e", "fff5e6", "1d1230"),
    "graphite": _palette("eceae6", "bdbab4", "d6d3cd a19e99 6b6a6a 3a3a3d", "ffffff", "151517"),
    "coral": _palette("ffe9dc", "ffb59b", "ffc9ae f98d7c d45d6c 6b3b5e", "fff9ec", "2b1629"),
    "mint": _palette("e5f6ee", "a9dcc6", "bfe7d4 74c0a4 3c8d80 1f5560", "fffdf0", "0d2a31"),
}

# Any of these words (or a word that begins with it) asks for the palette.
WORDS = {
    "banana": "banana yellow lemon gold honey mustard sunflower butter amber",
    "sea": "sea ocean blue water river lake wave fish whale ship sail pool rain swim",
    "forest": "forest green tree jungle leaf leaves garden grass moss wood frog park",
    "dusk": "dusk sunset sunrise dawn evening twilight purple city neon cyberpunk",
    "rose": "rose pink flower blossom love cake peony flamingo ballerina",
    "night": "night space star moon galaxy planet astronaut dark universe cosmic black",
    "desert": "desert sand orange dune fox autumn fall pumpkin camel egypt mars canyon",
    "ice": "ice snow winter white arctic polar mountain penguin glacier cloud",
    "clay": "clay coffee brown bread portrait bear pottery vintage old photo dog",
    "plum": "plum violet lavender magic wizard grape dream",
    "graphite": "graphite grey gray silver robot steel concrete monochrome pencil ink",
    "coral": "coral red fire strawberry tomato lava dragon heart",
    "mint": "mint teal turquoise cactus mermaid parrot",
}


def palette_for(prompt: str) -> Palette:
    """The palette of the prompt's first telling word, else one chosen by the prompt's hash."""
    for word in re.findall(r"\w+", prompt.lower()):
        for name, words in WORDS.items():
            if word.rstrip("s") in words.split() or word in words.split():
                return PALETTES[name]
    names = sorted(PALETTES)
    return PALETTES[names[sha256(prompt.encode()).digest()[0] % len(names)]]


def blend(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with `share` (0 to 1) of `other` mixed in."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
