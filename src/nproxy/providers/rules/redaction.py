"""Secrets out of texts that came from outside. Providers echo keys in their error messages."""

from __future__ import annotations

import re
from urllib.parse import quote

HIDDEN = "[hidden]"
MAX_LENGTH = 500

_SECRETS = re.compile(
    r"""
      AIza[\w-]{8,}                               # Google, the old form
    | \bAQ\.[\w.~-]{4,}                           # Google, the new form
    | \bsk-[\w-]{8,}                              # OpenRouter and its like
    | (?<=bearer\s)\S+
    | (?<=[?&]key=)[^&\s"'<>]+
    | (?<=api_key:)[^\s"'<>,)]+
    | (?<=://)[^/\s"'<>@]+(?=@)                   # user:password@ of an address
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f]+")

# Enough of a secret's beginning to know it again where a message cuts it short.
_STEM = 8


def redact(text: str, *, secret: str = "", limit: int = MAX_LENGTH) -> str:
    """`text` on one line, without `secret` or anything shaped like a credential, at most `limit` characters.

    Hides before it cuts, so that no half of a secret survives the cut.
    """
    if secret:
        text = text.replace(secret, HIDDEN).replace(quote(secret, safe=""), HIDDEN)
        if len(secret) >= 2 * _STEM:
            text = re.sub(re.escape(secret[:_STEM]) + r"[^\s\"'<>,)]*", HIDDEN, text)
    text = text.encode(errors="replace").decode()  # half of a surrogate pair cannot be stored
    line = _BLANKS.sub(" ", _SECRETS.sub(HIDDEN, text)).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"
