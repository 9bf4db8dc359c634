"""Which part of a file a `Range` header asks for (RFC 9110 §14). Pure."""

from __future__ import annotations

import re

# No file's size has more digits, and Python refuses to read a number of thousands.
_ONE_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE | re.ASCII)


class NotSatisfiable(Exception):
    """The range lies outside the file (416)."""


def part(header: str | None, size: int) -> tuple[int, int] | None:
    """`(start, stop)` with 0 ≤ start < stop ≤ size; None for the whole file.

    Several ranges and whatever else cannot be read mean the whole file, as the RFC allows.
    Raises NotSatisfiable.
    """
    match = _ONE_RANGE.fullmatch(header or "")
    if match is None or match[1] == match[2] == "":
        return None
    first, last = match[1], match[2]
    if first == "":
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= stop:
        raise NotSatisfiable
    return start, stop
