"""image_to_image: the source stays recognisable, and one sees that it was worked on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageFilter, ImageOps

from nproxy_sandbox.drawing import brush
from nproxy_sandbox.drawing.lettering import quiet
from nproxy_sandbox.drawing.palette import Palette

SOURCE_FORMATS = ("PNG", "JPEG", "WEBP")
SOURCE_PIXELS = 64_000_000

# The wire has no strength: callers put it into words, and these are the telling ones.
FREE = re.compile(r"loose|inspiration|recompose|reimagine|from scratch|radical", re.IGNORECASE)
CLOSE = re.compile(
    r"every detail|change only|only change|unchanged|preserve|subtl|slight|gentl", re.IGNORECASE
)


class BadSource(Exception):
    """A source image cannot be decoded."""


def opened(data: bytes) -> Image.Image:
    """The decoded source, upright, RGB. Raises BadSource."""
    try:
        with Image.open(BytesIO(data), formats=SOURCE_FORMATS) as image:
            if image.width * image.height > SOURCE_PIXELS:
                raise BadSource
            return ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadSource from error


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of a source as a viewer shows it, without decoding it. Raises BadSource."""
    try:
        with Image.open(BytesIO(data), formats=SOURCE_FORMATS) as image:
            turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
            return (image.height, image.width) if turned else image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadSource from error


@dataclass(frozen=True)
class Remake:
    """How to work on a source: the prompt's words for it, its colours, and a fresh scene to mix in."""

    prompt: str
    palette: Palette
    take: int
    fresh: Callable[[], Image.Image]


def remade(sources: tuple[bytes, ...], size: tuple[int, int], remake: Remake) -> Image.Image:
    """The first source fitted to `size` and recoloured, the further ones as small cards at its head."""
    first, *others = [opened(source) for source in sources]
    picture = _worked_on(ImageOps.fit(first, size, Image.Resampling.BICUBIC), remake)
    quiet(picture)
    for index, other in enumerate(others):
        _card(picture, other, index, remake.palette)
    return picture


def _worked_on(source: Image.Image, remake: Remake) -> Image.Image:
    if FREE.search(remake.prompt):
        return Image.blend(remake.fresh(), _toned(_simplified(source, 20), remake), 0.5)
    if CLOSE.search(remake.prompt):
        return Image.blend(source, _toned(source, remake), 0.3)
    painted = _simplified(source, 150)
    return Image.blend(painted, _toned(painted, remake), 0.6)


def _toned(picture: Image.Image, remake: Remake) -> Image.Image:
    """In the palette's colours, each take around another one of them."""
    palette = remake.palette
    middle = palette.shapes[(1 + remake.take) % len(palette.shapes)]
    return ImageOps.colorize(
        ImageOps.autocontrast(picture.convert("L")), palette.ink, palette.light, mid=middle
    )


def _simplified(picture: Image.Image, detail: int) -> Image.Image:
    """Paint-like: about `detail` strokes along the short side."""
    scale = detail / min(picture.size)
    small = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    strokes = picture.resize(small, Image.Resampling.BOX).filter(ImageFilter.MedianFilter(3))
    return strokes.resize(picture.size, Image.Resampling.BICUBIC)


def _card(picture: Image.Image, other: Image.Image, index: int, palette: Palette) -> None:
    side = min(picture.size) // 6
    gap = max(4, side // 8)
    left = picture.width - (index + 1) * (side + gap)
    if left < gap:
        return
    frame = max(2, side // 40)
    card = Image.new("RGB", (side, side), palette.light)
    card.paste(ImageOps.fit(other, (side - 2 * frame, side - 2 * frame)), (frame, frame))
    picture.paste(card, (left, gap), brush.rounded_mask((side, side), side / 9))
