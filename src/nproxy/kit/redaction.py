"""Secrets out of texts: of logs, of errors from outside (providers echo keys), of messages to people."""

from __future__ import annotations

import re
from urllib.parse import quote

HIDDEN = "[hidden]"
MAX_LENGTH = 500

_SHAPES = re.compile(
    r"""
      AIza[\w-]{8,}                               # Google's keys, the old form
    | \bAQ\.[\w.~-]{4,}                           # and the new one
    | \bsk-[\w-]{8,}                              # OpenRouter's and its like
    | \b\d{6,}:[\w-]{30,}                         # Telegram's
    | (?<=\bbearer\s)[^\s"',;<>]+
    | (?<=[?&]key=)[^&\s"'<>]+
    | (?<=api_key:)[^\s"'<>,)]+
    | (?<=://)[^/\s"'<>@]+(?=@)                   # user:password@ of an address
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f]+")

# Shorter ones would hide ordinary words.
SHORTEST_SECRET = 8
# Enough of a secret's beginning to know it again where a message cuts it short.
_STEM = 8

_known: list[str] = []


def hide(*secrets: str) -> None:
    """Hide these very words too from now on, wherever they turn up: the secrets of this installation."""
    found = {each for each in (*_known, *secrets) if len(each) >= SHORTEST_SECRET}
    _known[:] = sorted(found, key=len, reverse=True)


def without_secrets(text: str) -> str:
    """`text` with `HIDDEN` for whatever looks like a credential, or is one of ours."""
    for secret in _known:
        text = text.replace(secret, HIDDEN)
    return _SHAPES.sub(HIDDEN, text)


def redact(text: str, *, secret: str = "", limit: int = MAX_LENGTH) -> str:
    """`text` on one line, without `secret` or whatever `without_secrets` hides, at most `limit` characters.

    Hides before it cuts, so that no half of a secret survives the cut.
    """
    if secret:
        text = text.replace(secret, HIDDEN).replace(quote(secret, safe=""), HIDDEN)
        if len(secret) >= 2 * _STEM:
            text = re.sub(re.escape(secret[:_STEM]) + r"[^\s\"'<>,)]*", HIDDEN, text)
    text = text.encode(errors="replace").decode()  # half of a surrogate pair cannot be stored
    line = _BLANKS.sub(" ", without_secrets(text)).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"
