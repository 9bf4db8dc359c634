"""Single values as NOWPayments spells them, which changes from call to call."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Context, Decimal

from nproxy.billing.rules.exact_json import JsonValue, NumberText

# What NUMERIC(38, 18) holds; a coin's own precision is never finer.
DECIMAL_PLACES = Decimal("1e-18")
LARGEST = Decimal("1e20")
_WIDE = Context(prec=60)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID = re.compile(r"[1-9]\d{0,31}", re.ASCII)
_NUMBER = re.compile(r"\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,2})?", re.ASCII)
_PRINTABLE = re.compile(r"[!-~]{1,200}", re.ASCII)
_LONGEST_TEXT = 200


class NotUnderstood(Exception):
    """An answer, or the part of it that is named, has not the shape that we know."""


def is_identifier(text: str) -> bool:
    """Whether `text` is an id: digits only."""
    return _ID.fullmatch(text) is not None


def identifier(value: JsonValue, what: str) -> str:
    """An id, which is a number here and text there: digits only. Raises NotUnderstood."""
    if isinstance(value, str) and is_identifier(value):
        return str(value)
    raise NotUnderstood(what)


def optional_identifier(value: JsonValue, what: str) -> str:
    """An id, "" for none, which may also be spelled 0. Raises NotUnderstood."""
    return "" if value in (None, "", "0") else identifier(value, what)


def amount(value: JsonValue, what: str) -> Decimal:
    """A number >= 0 from its source text, a number or a string of one. Raises NotUnderstood."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise NotUnderstood(what)
    exact = Decimal(value)
    if exact >= LARGEST:
        raise NotUnderstood(what)
    return exact if exact == (stored := _WIDE.quantize(exact, DECIMAL_PLACES)) else stored


def optional_amount(value: JsonValue, what: str) -> Decimal | None:
    """The same, None when it is missing."""
    return None if value in (None, "") else amount(value, what)


def known_amount(value: JsonValue) -> Decimal | None:
    """An amount on which no decision hangs: None when it is missing or not understood."""
    try:
        return optional_amount(value, "")
    except NotUnderstood:
        return None


def whole_cents(value: JsonValue, what: str) -> int | None:
    """A price in cents; None when it is missing or finer than a cent."""
    price = optional_amount(value, what)
    if price is None or (price * 100) % 1:
        return None
    return int(price * 100)


def cents_up(value: JsonValue, what: str) -> int | None:
    """A value in cents, rounded up; None when it is missing."""
    worth = optional_amount(value, what)
    return None if worth is None else int((worth * 100).to_integral_value(ROUND_CEILING))


def moment(value: JsonValue) -> datetime | None:
    """ISO 8601, or milliseconds since 1970; None for anything else: no decision hangs on it."""
    try:
        if isinstance(value, NumberText) or (isinstance(value, str) and value.isdigit()):
            return _EPOCH + timedelta(milliseconds=int(value))
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
    return found.astimezone(UTC) if found and found.tzinfo else None


def code(value: JsonValue) -> str:
    """A coin, network or kind in lower case, an address, a hash: printable and without blanks, else ""."""
    return str(value) if isinstance(value, str) and _PRINTABLE.fullmatch(value) else ""


def text(value: JsonValue) -> str:
    """Words on one line, cut where they get long; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    line = "".join(letter if letter.isprintable() else " " for letter in value)
    return line[:_LONGEST_TEXT].strip()


def flag(value: JsonValue, *, default: bool) -> bool:
    """A yes or no that may be text or a number; `default` when it is missing."""
    return default if value is None else value is True or value in ("true", "1")
