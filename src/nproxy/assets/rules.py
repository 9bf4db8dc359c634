"""What a picture is here: formats, limits, sizes and the names of its files. Facts only, no pixels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
WEBP: Final = "image/webp"
# As phones write it: taken from people, turned into JPEG, never stored or served.
HEIC: Final = "image/heic"
EXTENSIONS: Final = {PNG: "png", JPEG: "jpg", WEBP: "webp"}
# What a name's ending or a media type's second half says about the bytes; None for pictures of other kinds.
_NAMED: Final = {
    **dict.fromkeys(("png", "apng", "x-png", "vnd.mozilla.apng"), PNG),
    **dict.fromkeys(("jpg", "jpeg", "jpe", "jfif", "pjpeg", "pjp", "mpo"), JPEG),
    "webp": WEBP,
    **dict.fromkeys(
        ("gif", "bmp", "x-ms-bmp", "tif", "tiff", "svg", "svg+xml", "svgz", "ico", "x-icon", "psd"), None
    ),
    **dict.fromkeys(("heic", "heif", "hif", "heic-sequence", "heif-sequence"), HEIC),
    **dict.fromkeys(("avif", "jxl", "jp2"), None),
}

MAX_UPLOAD_BYTES: Final = 20 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
SOURCE_SIDE: Final = 2048
LEAST_FREE_BYTES: Final = 2_000_000_000

VARIANTS: Final = (320, 640, 1280)
FIRST_VARIANT: Final = 640
# The tallest ratio that a model draws is 1:8, and a WebP side ends at 16,383 pixels.
TALLEST: Final = 8

# How long a deleted picture can be had back: the page offers it for ten seconds, a slow network needs some more.
RESTORABLE: Final = timedelta(seconds=45)
# When its files are removed: later than that, whatever the clocks of two machines think of each other.
REMOVED_AFTER: Final = timedelta(seconds=90)
EXPORTS_FOLDER: Final = "exports"
EXPORTS_AT_ONCE: Final = 3
EXPORT_KEPT: Final = timedelta(hours=24)
# A name in a file of pictures: these many characters of the prompt, at most.
SLUG_LENGTH: Final = 60

# What a file dialog offers and a page checks before it sends; the bytes decide.
TAKEN_TYPES: Final = (PNG, JPEG, WEBP, HEIC, "image/heif")
TAKEN_ENDINGS: Final = (".png", ".jpg", ".jpeg", ".webp", ".heic", ".heif")

# Brands of ISO BMFF files (ISO 23008-12, annex B; AV1 image file format): HEVC coded ones, and AV1 coded ones.
_HEIC_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_AVIF_BRANDS: Final = {b"avif", b"avis"}
_PATH: Final = re.compile(r"[0-9a-f]{2}/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/[a-z0-9]+\.[a-z]+")


class Flaw(StrEnum):
    """Why an upload cannot be used."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    AVIF = "avif"
    UNKNOWN_FORMAT = "unknown_format"
    MISLABELLED = "mislabelled"
    MORE_BEHIND = "more_behind"
    DAMAGED = "damaged"


class NotAnImage(Exception):
    """The bytes that a provider sent are no whole PNG, JPEG or WebP."""


class UnknownAsset(Exception):
    """No such live picture of this person."""


class BytesMissing(Exception):
    """The row is there, its file is not (or is damaged)."""


class StoreUnavailable(Exception):
    """The store cannot be used; the message says which and why in one line."""


class TooManyUploads(Exception):
    """This person has uploaded `UPLOADS_AN_HOUR` pictures within the last hour."""


class TooLate(Exception):
    """What was deleted can no longer be had back."""


class NothingToExport(Exception):
    """None of the pictures asked for is there."""


class TooManyExports(Exception):
    """This person has `EXPORTS_AT_ONCE` files on their way already."""


class StoreFull(Exception):
    """Less than `LEAST_FREE_BYTES` of disk are left: nothing new is accepted."""


@dataclass(frozen=True, slots=True)
class SourceImage:
    """A picture as a provider gets it: encoded, without metadata, at most 2,048 pixels on its long side."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """What may be uploaded, for the page to check before it sends; `words` are the refusals, by flaw."""

    types: tuple[str, ...]
    endings: tuple[str, ...]
    max_bytes: int
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Smaller:
    """A rendition whose bytes are stored."""

    variant: int
    path: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True)
class StoredImage:
    """A picture whose bytes are stored and whose row is still to be written."""

    id: UUID
    user_id: int
    path: str
    media_type: str
    width: int
    height: int
    size: int
    sha256: str
    placeholder: str
    smaller: Smaller | None


def sniff(data: bytes) -> str | None:
    """The media type that the first bytes claim: PNG, JPEG or WebP; None for everything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WEBP
    return None


def sniff_upload(data: bytes) -> str | None:
    """`sniff`, and HEIC, which people's phones send."""
    return sniff(data) or (HEIC if _brands(data) & _HEIC_BRANDS else None)


def _brands(data: bytes) -> set[bytes]:
    """The brands that an ISO BMFF file's first box names; empty for any other file."""
    if data[4:8] != b"ftyp":
        return set()
    box = data[8 : min(int.from_bytes(data[:4], "big"), 512)]
    return {box[at : at + 4] for at in range(0, len(box), 4) if at != 4}


def flaw_before_decoding(data: bytes) -> Flaw | None:
    """What can be said against an upload from its length and its first bytes alone."""
    if not data:
        return Flaw.EMPTY
    if len(data) > MAX_UPLOAD_BYTES:
        return Flaw.TOO_LARGE
    if sniff_upload(data):
        return None
    return Flaw.AVIF if _brands(data) & _AVIF_BRANDS else Flaw.UNKNOWN_FORMAT


def is_mislabelled(found: str, *, name: str, media_type: str) -> bool:
    """Whether the file's name or its declared type is that of a picture, but of another kind than `found`.

    Names without a known ending and types such as application/octet-stream say nothing.
    """
    _, dot, ending = name.strip().lower().rpartition(".")
    family, _, kind = media_type.partition(";")[0].strip().lower().partition("/")
    labels = [ending if dot else "", kind if family == "image" else ""]
    return any(_NAMED[label] != found for label in labels if label in _NAMED)


def fit(width: int, height: int, box: tuple[int, int]) -> tuple[int, int]:
    """The largest size of the same shape inside `box`: never upscaled, no side below 1 pixel."""
    scale = min(1.0, box[0] / width, box[1] / height)
    return max(1, min(box[0], round(width * scale))), max(1, min(box[1], round(height * scale)))


def box_of(variant: int) -> tuple[int, int]:
    """The box of a variant: `variant` pixels wide, and as tall as the tallest ratio drawn at that width."""
    return variant, variant * TALLEST


def folder(asset_id: UUID) -> str:
    """Where all files of one asset lie. The last two digits spread them: a UUIDv7 begins with its time."""
    return f"{asset_id.hex[-2:]}/{asset_id}"


def original_path(asset_id: UUID, media_type: str) -> str:
    return f"{folder(asset_id)}/original.{EXTENSIONS[media_type]}"


def rendition_path(asset_id: UUID, variant: int) -> str:
    return f"{folder(asset_id)}/{variant}.webp"


def asset_of(path: str) -> UUID | None:
    """Whose file this is; None for a path that is not one of ours."""
    match = _PATH.fullmatch(path)
    return UUID(match[1]) if match else None


def slug(prompt: str) -> str:
    """A prompt as part of a file's name: letters and digits of any script, hyphens between the words; `image` for none."""
    words = re.findall(r"[^\W_]+", prompt.lower())
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word
        if len(longer) > SLUG_LENGTH:
            break
        name = longer
    return name or (words[0][:SLUG_LENGTH] if words else "image")


def download_name(prompt: str, day: date, number: int, media_type: str) -> str:
    """`<slug>_<yyyy-mm-dd>_<nn>.<ext>`: what a picture is called on the person's disk."""
    return f"{slug(prompt)}_{day:%Y-%m-%d}_{number:02}.{EXTENSIONS[media_type]}"


def download_names(pictures: Iterable[tuple[str, date, str]]) -> list[str]:
    """A name for each (prompt, day, media type), all different: those of one prompt and day are counted up."""
    seen: Counter[tuple[str, date]] = Counter()
    names = []
    for prompt, day, media_type in pictures:
        seen[slug(prompt), day] += 1
        names.append(download_name(prompt, day, seen[slug(prompt), day], media_type))
    return names


def export_path(export_id: UUID, attempt: UUID) -> str:
    """Where a zip lies. Each attempt to pack has a file of its own, so that two workers never write into one."""
    return f"{EXPORTS_FOLDER}/{export_id}/{attempt}.zip"
