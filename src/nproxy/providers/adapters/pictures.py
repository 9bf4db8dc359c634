"""A picture inside JSON, as base64: set aside before the JSON is read, decoded once it is chosen.

A JSON reader looks at every byte of a string, which takes longer for two megabytes than all the rest of the
reading together; the end of one is found in a twentieth of that.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping

import msgspec
import pybase64
from msgspec import Raw

from nproxy.providers.rules.pictures import is_whole_picture

# Shorter strings are read as they are.
LONG = 4096
QUOTE = ord('"')
_VALUE = re.compile(rb'[ \t\r\n]*:[ \t\r\n]*"')

# By their numbers, as those stand in the JSON.
Strings = Mapping[bytes, memoryview]


def set_aside(body: bytes | bytearray, name: bytes) -> tuple[bytes, Strings]:
    """The JSON with each long string called `name` replaced by its number, and those strings, quotes included.

    In sound JSON `"name":` cannot stand inside a string: its quotes would be escaped. What has an escape in it
    stays where it is, and so does what does not end.
    """
    view, key = memoryview(body), b'"%s"' % name
    kept: list[bytes | memoryview] = []
    strings: dict[bytes, memoryview] = {}
    done = looked = 0
    while (place := body.find(key, looked)) >= 0:
        looked = place + len(key)
        value = _VALUE.match(body, looked)
        if value is None:
            continue
        begin, looked = value.end() - 1, value.end()
        end = body.find(b'"', looked) + 1
        if end - begin >= LONG and body.find(b"\\", begin, end) < 0:
            number = b"%d" % len(strings)
            kept += (view[done:begin], number)
            strings[number] = view[begin:end]
            done = looked = end
    kept.append(view[done:])
    return b"".join(kept), strings


def picture_in(written: Raw, strings: Strings) -> tuple[bytes | None, str]:
    """The picture that a JSON string, or the one of `strings` that its number names, holds in base64, else why
    there is none."""
    try:
        data = _decoded(_string(written, strings))
    except (binascii.Error, msgspec.DecodeError):
        return None, "the picture is not base64"
    return (data, "") if is_whole_picture(data) else (None, "the picture is no whole PNG, JPEG or WebP")


def _string(written: Raw, strings: Strings) -> memoryview:
    text = memoryview(written)
    return text if text[0] == QUOTE else strings.get(bytes(text), text)


def _decoded(text: memoryview) -> bytes:
    try:
        return pybase64.b64decode(text[1:-1], validate=True)
    except (binascii.Error, ValueError):
        return msgspec.json.decode(text, type=bytes)  # JSON may escape what it need not: \/ for a slash
