"""From a commission to the bytes of a picture. Pure: the same commission gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from io import BytesIO
from random import Random

from PIL import Image, ImageChops

from nproxy_sandbox.drawing.brush import Easel
from nproxy_sandbox.drawing.lettering import caption
from nproxy_sandbox.drawing.palette import Palette, palette_for
from nproxy_sandbox.drawing.remake import Remake, remade
from nproxy_sandbox.drawing.scenes import SCENES

# Scenes are soft: they are painted at this many pixels and enlarged; letters and grain come at full size.
SCENE_PIXELS = 640 * 640
GRAIN_TILE = 256
GRAIN_MEAN = 6


@dataclass(frozen=True)
class Commission:
    """What is to be painted: the prompt's take number n, over `sources` (encoded) if there are any.

    `lettered`: the prompt's words stand on it, as on everything that goes over the wire.
    """

    prompt: str
    width: int
    height: int
    format: str = "JPEG"
    note: str = ""
    take: int = 0
    sources: tuple[bytes, ...] = ()
    quality: int = 92
    lettered: bool = True


def painted(commission: Commission) -> bytes:
    """The encoded picture. Raises BadSource if a source cannot be decoded."""
    words, size = commission.prompt, (commission.width, commission.height)
    if commission.sources:
        # Callers put how closely to follow the sources into a paragraph of its own, before the wish.
        words = words.split("\n\n", 1)[-1]
    palette = palette_for(words)
    fresh = partial(_scene, words, commission.take, size, palette)
    if commission.sources:
        picture = remade(commission.sources, size, Remake(commission.prompt, palette, commission.take, fresh))
    else:
        picture = ImageChops.add(fresh(), _grain(size), scale=1, offset=-GRAIN_MEAN)
    if commission.lettered:
        caption(picture, words, commission.note, palette)
    return encoded(picture, commission.format, commission.quality)


def _scene(words: str, take: int, size: tuple[int, int], palette: Palette) -> Image.Image:
    """The takes of one prompt walk through the scenes, so that four of them are four pictures."""
    easel = Easel(Image.new("RGB", _scene_size(size)), palette, Random(f"{words}\0{take}"))
    first = Random(words).randrange(len(SCENES))
    SCENES[(first + take) % len(SCENES)](easel)
    return easel.canvas.resize(size, Image.Resampling.BICUBIC)


def encoded(picture: Image.Image, file_format: str, quality: int) -> bytes:
    """The picture as a file of `file_format` (JPEG, PNG, WEBP or GIF)."""
    buffer = BytesIO()
    if file_format == "PNG":
        picture.save(buffer, "PNG", compress_level=1)
    else:
        picture.save(buffer, file_format, quality=quality)
    return buffer.getvalue()


def _scene_size(size: tuple[int, int]) -> tuple[int, int]:
    shrink = min(1.0, (SCENE_PIXELS / (size[0] * size[1])) ** 0.5)
    return max(16, round(size[0] * shrink)), max(16, round(size[1] * shrink))


@lru_cache(maxsize=8)
def _grain(size: tuple[int, int]) -> Image.Image:
    """Fine film grain: keeps gradients from banding, and gives the files a photograph's weight."""
    noise = Random("grain").randbytes(GRAIN_TILE * GRAIN_TILE)
    tile = Image.frombytes(
        "L", (GRAIN_TILE, GRAIN_TILE), bytes(value % (2 * GRAIN_MEAN + 1) for value in noise)
    )
    sheet = Image.new("L", size)
    for left in range(0, size[0], GRAIN_TILE):
        for top in range(0, size[1], GRAIN_TILE):
            sheet.paste(tile, (left, top))
    return Image.merge("RGB", (sheet, sheet, sheet))
