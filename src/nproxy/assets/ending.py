"""Where a picture's bytes end, and whether what follows them is harmless. Bytes only, nothing is decoded.

Layouts: PNG (W3C, "chunk layout"), JPEG (ITU T.81, annex B), WebP (RIFF), ISO BMFF boxes (ISO 14496-12).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import Final

from nproxy.assets.rules import HEIC, JPEG, PNG, WEBP

# A marker among coded pixels: 0xFF, unless it is stuffed (00), a restart (D0 to D7) or only fills up (FF).
_MARKER: Final = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_START_OF_IMAGE: Final = b"\xff\xd8\xff"
_END_OF_IMAGE: Final = 0xD9
_WITHOUT_LENGTH: Final = (0x01, 0xD8)
# Cameras and transfers fill up to whole blocks, with zeros; editors leave a line break.
_PADDING: Final = re.compile(rb"[\x00\r\n]*")
_BOXES: Final = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"meta", b"moof", b"mfra"}
_MOVIE: Final = {b"ftyp", b"moov", b"mdat"}
# A HEIC file's: the picture lies in `mdat` (or `idat` inside of `meta`); Samsung adds a film and a trailer as boxes.
_STILL: Final = {b"ftyp", b"meta"}
_SAMSUNG: Final = {b"mpvd", b"sefd"}


def end_of_picture(data: bytes, media_type: str) -> int | None:
    """The index behind the picture's last byte; None when it does not end within `data`, as one cut short."""
    return _ENDS[media_type](data)


def is_harmless(data: bytes, end: int) -> bool:
    """Whether nothing but what cameras write follows the picture that ends at `end`.

    That is padding, more JPEGs (MPF previews, Ultra HDR gain maps), the film of a motion photo (MP4, by
    Google and others) and Samsung's trailer, which most photos from a Galaxy carry. Refusing those
    would refuse everyday photos, and taking them is safe: only pixels survive intake. Each must be whole by its own
    structure, so that a page, a script or an archive, behind the picture or behind them, is not taken for one.
    """
    last = _start_of_samsung_trailer(data, end)
    while end < last:
        after = _end_of_jpeg(data, end) or _end_of_movie(data, end) or _end_of_padding(data, end)
        if after is None:
            return False
        end = after
    return end == last


def _end_of_png(data: bytes) -> int | None:
    at = 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, at = data[at + 4 : at + 8], at + 12 + length
        if kind == b"IEND":
            return at if at <= len(data) else None
    return None


def _end_of_webp(data: bytes) -> int | None:
    # The length counts from behind itself; an odd one is filled up, which some writers forget.
    end = 8 + int.from_bytes(data[4:8], "little")
    return min(end + end % 2, len(data)) if end <= len(data) else None


def _end_of_jpeg(data: bytes, start: int = 0) -> int | None:
    """Markers with their lengths are stepped over, with whatever they hold (a preview in EXIF, say)."""
    if not data.startswith(_START_OF_IMAGE, start):
        return None
    at = start
    while found := _MARKER.search(data, at):
        marker, at = found[1][0], found.end()
        if marker == _END_OF_IMAGE:
            return at
        if marker not in _WITHOUT_LENGTH:
            at += int.from_bytes(data[at : at + 2], "big")
    return None


def _end_of_movie(data: bytes, start: int) -> int | None:
    """A whole MP4, with a film in it."""
    return _end_of_boxes(data, start, _BOXES, _MOVIE)


def _end_of_heic(data: bytes) -> int | None:
    return _end_of_boxes(data, 0, _BOXES | _SAMSUNG, _STILL)


def _end_of_boxes(data: bytes, start: int, known: set[bytes], needed: set[bytes]) -> int | None:
    """Behind the last of `known` boxes that say how long they are, `ftyp` first and all of `needed` among them."""
    seen: set[bytes] = set()
    at = start
    while data[at + 4 : at + 8] in (known if seen else {b"ftyp"}):
        seen.add(data[at + 4 : at + 8])
        length = int.from_bytes(data[at : at + 4], "big")
        if length == 1:  # the real one follows, in 64 bits
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        if length < 8 or at + length > len(data):
            return None
        at += length
    return at if seen >= needed else None


def _end_of_padding(data: bytes, start: int) -> int | None:
    found = _PADDING.match(data, start)
    end = found.end() if found else start
    # A film begins with its length, whose first bytes are zeros too.
    film = data.find(b"ftyp", end, end + 8)
    end = film - 4 if film >= 0 else end
    return end if end > start else None


def _start_of_samsung_trailer(data: bytes, end: int) -> int:
    """Where the trailer starts; the file's end without one.

    It is read from behind: `SEFT`, before it the length of the index `SEFH`, whose entries (12 bytes: type, distance of
    the block's start from the index, length of the block) must point in between.
    """
    if len(data) - end < 20 or data[-4:] != b"SEFT":
        return len(data)
    index = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    if index < end or data[index : index + 4] != b"SEFH":
        return len(data)
    count = int.from_bytes(data[index + 8 : index + 12], "little")
    if index + 12 + 12 * count != len(data) - 8:
        return len(data)
    blocks = [struct.unpack_from("<II", data, index + 16 + 12 * number) for number in range(count)]
    if not all(length <= distance <= index - end for distance, length in blocks):
        return len(data)
    return index - max((distance for distance, _ in blocks), default=0)


_ENDS: Final[dict[str, Callable[[bytes], int | None]]] = {
    PNG: _end_of_png,
    JPEG: _end_of_jpeg,
    WEBP: _end_of_webp,
    HEIC: _end_of_heic,
}
