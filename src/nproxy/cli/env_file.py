"""The text of `.env`: what it sets, and the same text with more of it set. Pure; comments and order stay."""

from __future__ import annotations

import re
from collections.abc import Mapping

LINE = re.compile(r"(?P<comment># ?)?(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")


def values(text: str) -> dict[str, str]:
    """What the text sets to something."""
    found = {}
    for line in text.splitlines():
        match = LINE.fullmatch(line.strip())
        if match and not match["comment"] and match["value"].strip():
            found[match["name"]] = _unquoted(match["value"].strip())
    return found


def filled(text: str, given: Mapping[str, str]) -> str:
    """`text` with each of `given` set once: where it was set, else where it is commented out, else at the end."""
    left = dict(given)
    lines = text.splitlines()
    for is_comment in (False, True):
        for number, line in enumerate(lines):
            match = LINE.fullmatch(line.strip())
            if match and bool(match["comment"]) == is_comment and match["name"] in left:
                lines[number] = f"{match['name']}={_quoted(left.pop(match['name']))}"
    lines += [f"{name}={_quoted(value)}" for name, value in left.items()]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    """As both Compose and we read it back: in single quotes, within which nothing has a meaning."""
    if re.fullmatch(r"[\w@%+=:,./?&~-]*", value):
        return value
    if "'" in value or "\n" in value:
        raise ValueError("must have no single quote and be one line")
    return f"'{value}'"


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return re.split(r"\s#", value, maxsplit=1)[0].rstrip()
