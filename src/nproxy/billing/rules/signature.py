"""NOWPayments' signature of a callback. Its published Python sample is wrong for real bodies.

The signature is HMAC-SHA512 over the body's JSON with keys sorted at every depth, as JavaScript writes it. Bodies have
always arrived in that very form, so their raw bytes come first. Otherwise the form is made anew with the numbers' text
kept: a float there and back changes its spelling (`1e-7` to `1e-07`). Arrays are signed as they are by the vendor's
SDK and as objects by index in its documentation; either is accepted.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from nproxy.billing.rules.exact_json import JsonValue, NotExactJson, NumberText, read

Member: TypeAlias = tuple[str, JsonValue]

HEADER = "x-nowpayments-sig"
MAX_BYTES = 64 * 1024

_SIGNATURE = re.compile(r"[0-9a-fA-F]{128}", re.ASCII)
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
MAX_INDEX = 2**32 - 2


def is_signed(body: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """Whether `signature` (128 hex digits in any case) is that of `body` under one of `secrets`.

    Two secrets are for the time of a rotation; blank ones do not count. False, whatever the signature, for a body
    over MAX_BYTES, with a duplicate key, or that is not a JSON object in UTF-8. Compares in constant time.
    """
    if len(body) > MAX_BYTES or not _SIGNATURE.fullmatch(signature):
        return False
    try:
        content = read(body)
        if not isinstance(content, Mapping):
            return False
        forms = (body, canonical(content), canonical(content, arrays_by_index=True))
    except (NotExactJson, RecursionError):
        return False
    keys = [secret.strip().encode() for secret in secrets if secret.strip()]
    matches = [_matches(form, signature, key) for key in keys for form in forms]
    return any(matches)


def canonical(content: JsonValue, *, arrays_by_index: bool = False) -> bytes:
    """`content` as JavaScript's JSON.stringify writes it once its keys are sorted, numbers as they were spelled.

    Raises RecursionError for what is nested too deep.
    """
    return _written(content, arrays_by_index).encode()


def _matches(form: bytes, signature: str, key: bytes) -> bool:
    return hmac.compare_digest(hmac.new(key, form, "sha512").hexdigest(), signature.lower())


def _written(value: JsonValue, arrays_by_index: bool) -> str:  # noqa: FBT001 - private, and passed on at every depth
    match value:
        case NumberText():
            return value
        case str():
            return _quoted(value)
        case None | bool():
            return json.dumps(value)
        case Mapping():
            return _object(sorted(value.items(), key=_place), arrays_by_index)
        case _ if arrays_by_index:
            return _object([(str(index), item) for index, item in enumerate(value)], arrays_by_index)
        case _:
            return f"[{','.join(_written(item, arrays_by_index) for item in value)}]"


def _object(members: Sequence[Member], arrays_by_index: bool) -> str:  # noqa: FBT001 - as above
    written = (f"{_quoted(key)}:{_written(item, arrays_by_index)}" for key, item in members)
    return f"{{{','.join(written)}}}"


def _place(member: Member) -> tuple[bool, int, bytes]:
    """JavaScript keeps keys that are array indices in front, by number, and sorts the others by UTF-16 units."""
    key = member[0]
    if _INDEX.fullmatch(key) and int(key) <= MAX_INDEX:
        return (False, int(key), b"")
    return (True, 0, key.encode("utf-16-be", "surrogatepass"))


def _quoted(text: str) -> str:
    """JSON.stringify and Python agree on escapes, but for a lone half of a surrogate pair."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _HALF_CHARACTER.sub(lambda half: f"\\u{ord(half[0]):04x}", quoted)
