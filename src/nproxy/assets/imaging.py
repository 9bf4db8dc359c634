"""Pixels: decode, turn upright, shrink, encode. No database, no store.

Everything raises `Undecodable` for bytes that are no whole PNG, JPEG or WebP of sane size.
"""

from __future__ import annotations

import asyncio
import base64
import io
import os
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, ParamSpec, TypeVar

import pillow_heif
from PIL import Image, ImageCms, ImageFilter, ImageOps

from nproxy.assets import rules

P = ParamSpec("P")
R = TypeVar("R")

FORMATS: Final = {rules.PNG: "PNG", rules.JPEG: "JPEG", rules.WEBP: "WEBP", rules.HEIC: "HEIF"}
PLACEHOLDER_SIDE: Final = 24
SOURCE_BOX: Final = (rules.SOURCE_SIDE, rules.SOURCE_SIDE)
SMALLEST_SOURCE: Final = 256
SIDEWAYS: Final = range(5, 9)

# Pillow only warns up to twice its limit; here the warning is an error too.
Image.MAX_IMAGE_PIXELS = rules.MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

# A thread of its own for each picture: intake reads one at a time, whatever its kind.
pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, decode_threads=1)

_SRGB: Final = ImageCms.createProfile("sRGB")
# Coding releases the GIL; more threads than processors would only hold more decoded pictures in memory.
_coders: Final = ThreadPoolExecutor(max(2, min(4, os.cpu_count() or 2)), thread_name_prefix="pictures")


class Undecodable(Exception):
    """These bytes are no picture that can be used."""


class TooManyPixels(Undecodable):
    """The picture says that it has more than `rules.MAX_PIXELS` pixels."""


@dataclass(frozen=True, slots=True)
class Encoded:
    media_type: str
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Study:
    """What the bytes of a picture say about it (size as it is seen, upright), and its first small forms."""

    media_type: str
    width: int
    height: int
    smaller: Encoded
    placeholder: str


async def in_background(step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a coding step off the event loop, few at a time."""
    return await asyncio.get_running_loop().run_in_executor(_coders, lambda: step(*args, **kwargs))


def study(data: bytes) -> Study:
    """Measure a picture and make its 640 px rendition and its placeholder in one decode."""
    with _decoding():
        image = _open(data)
        width, height = _seen_size(image)
        small = _shrunk(image, rules.box_of(rules.FIRST_VARIANT))
        media_type = rules.sniff(data) or ""
    return Study(media_type, width, height, _webp(small), placeholder(small))


def rendition(data: bytes, variant: int) -> Encoded:
    """The picture as WebP, at most `variant` pixels wide, never upscaled."""
    with _decoding():
        small = _shrunk(_open(data), rules.box_of(variant))
    return _webp(small)


def cleaned(data: bytes) -> tuple[Encoded, str]:
    """An upload encoded anew (upright, sRGB, ≤ 2,048 px, nothing but pixels), and its placeholder."""
    with _decoding():
        image = _shrunk(_open(data, rules.sniff_upload(data)), SOURCE_BOX)
    return _flat(image), placeholder(image)


def source(data: bytes, max_bytes: int) -> Encoded:
    """The picture as a provider gets it: `cleaned`, and shrunk on down to `max_bytes` (or 256 px)."""
    with _decoding():
        image = _shrunk(_open(data), SOURCE_BOX)
    encoded = _flat(image)
    while len(encoded.data) > max_bytes and max(image.size) > SMALLEST_SOURCE:
        image = image.resize(rules.fit(*image.size, (image.width * 3 // 4, image.height * 3 // 4)))
        encoded = _flat(image)
    return encoded


def placeholder(image: Image.Image) -> str:
    """A blurred picture of at most 24 pixels as a `data:` address of at most 1 KB."""
    tiny = image.resize(rules.fit(*image.size, (PLACEHOLDER_SIDE, PLACEHOLDER_SIDE)))
    if tiny.mode == "RGBA":
        ground = Image.new("RGBA", tiny.size, "white")
        tiny = Image.alpha_composite(ground, tiny).convert("RGB")
    data = _saved(tiny.filter(ImageFilter.GaussianBlur(1)), "WEBP", quality=30, method=2)
    return "data:image/webp;base64," + base64.b64encode(data).decode()


@contextmanager
def _decoding() -> Iterator[None]:
    """Turns whatever a decoder throws at hostile bytes into `Undecodable`."""
    try:
        yield
    except Undecodable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels from error
    except Exception as error:  # decoders fail with OSError, SyntaxError, ValueError, struct.error and more
        raise Undecodable(type(error).__name__) from error


def _open(data: bytes, media_type: str | None = None) -> Image.Image:
    """Read the header with the one decoder that the first bytes ask for; the pixels come later.

    `media_type` is given where more is taken than what may be stored.
    """
    media_type = media_type or rules.sniff(data)
    if media_type is None:
        raise Undecodable("unknown format")
    image = Image.open(io.BytesIO(data), formats=(FORMATS[media_type],))
    if image.width * image.height > rules.MAX_PIXELS:
        raise TooManyPixels
    return image


def _seen_size(image: Image.Image) -> tuple[int, int]:
    return image.size[::-1] if _orientation(image) in SIDEWAYS else image.size


def _shrunk(image: Image.Image, box: tuple[int, int]) -> Image.Image:
    """Decode into RGB or RGBA inside `box`: upright, 8 bit, sRGB, nothing of the file's metadata left.

    JPEG is decoded at the next larger eighth (`thumbnail` asks the decoder for it), so a photo of
    50 megapixels never fills memory.
    """
    orientation = _orientation(image)
    image = image if image.format in ("JPEG", "MPO") else _eight_bit(image)
    image.thumbnail(box[::-1] if orientation in SIDEWAYS else box, reducing_gap=2.0)
    image.load()  # a picture that fits already has not been decoded yet, and may be cut short
    if orientation != 1:
        image = ImageOps.exif_transpose(image)
    image = _srgb(image)
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    image.info.clear()
    return image


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 (upright) when there is none or it cannot be read."""
    try:
        value = image.getexif().get(0x0112, 1)
    except Exception:  # noqa: BLE001 - broken EXIF breaks the parser in many ways and says nothing about the pixels
        return 1
    return value if value in range(1, 9) else 1


def _eight_bit(image: Image.Image) -> Image.Image:
    """A mode that scales and converts well: palettes and bitmaps are unfolded, 16 bit lose their low byte."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _srgb(image: Image.Image) -> Image.Image:
    """RGB or RGBA as a screen expects it; an embedded profile is applied, a broken one ignored."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    profile = image.info.get("icc_profile")
    if profile:
        try:
            embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(embedded):
                converted = ImageCms.profileToProfile(image, embedded, _SRGB, outputMode=mode)
                return converted if converted is not None else image
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return image if image.mode == mode else image.convert(mode)


def _flat(image: Image.Image) -> Encoded:
    """JPEG, or PNG when something shines through."""
    if image.mode == "RGBA":
        return Encoded(rules.PNG, _saved(image, "PNG", compress_level=4), *image.size)
    return Encoded(rules.JPEG, _saved(image, "JPEG", quality=92), *image.size)


def _webp(image: Image.Image) -> Encoded:
    # Method 2 takes half the time of Pillow's default 4 for 3 % more bytes (measured).
    return Encoded(rules.WEBP, _saved(image, "WEBP", quality=80, method=2), *image.size)


def _saved(image: Image.Image, kind: str, **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
