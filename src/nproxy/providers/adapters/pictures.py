"""A picture inside JSON: found by msgspec, decoded by pybase64 (the two take half of what msgspec takes alone)."""

from __future__ import annotations

import binascii

import msgspec
import pybase64
from msgspec import Raw

from nproxy.providers.rules.pictures import is_whole_picture


def picture_in(written: Raw) -> tuple[bytes | None, str]:
    """The picture that a JSON string holds in base64, else why there is none."""
    try:
        data = _decoded(written)
    except (binascii.Error, msgspec.DecodeError):
        return None, "the picture is not base64"
    return (data, "") if is_whole_picture(data) else (None, "the picture is no whole PNG, JPEG or WebP")


def _decoded(written: Raw) -> bytes:
    text = memoryview(written)
    try:
        return pybase64.b64decode(text[1:-1], validate=True)
    except (binascii.Error, ValueError):
        return msgspec.json.decode(written, type=bytes)  # JSON may escape what it need not: \/ for a slash
