"""JSON as JavaScript's JSON.stringify writes it, which is how the real processor writes and signs its bodies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

Json: TypeAlias = "Decimal | str | int | Sequence[Json] | Mapping[str, Json] | None"


def stringify(value: Json, *, sort: bool = False) -> str:
    """`value` without blanks; with `sort` the keys of every object in order."""
    match value:
        case None | bool():
            return json.dumps(value)
        case Decimal() | int():
            return number(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Mapping():
            members = sorted(value.items()) if sort else value.items()
            written = (
                f"{json.dumps(key, ensure_ascii=False)}:{stringify(item, sort=sort)}" for key, item in members
            )
            return f"{{{','.join(written)}}}"
    return f"[{','.join(stringify(item, sort=sort) for item in value)}]"


def number(value: Decimal | int) -> str:
    """A number as JavaScript spells it (ECMA-262, Number::toString): a double's shortest digits, `1e-7`, `10`."""
    sign, figures, exponent = Decimal(repr(float(value))).normalize().as_tuple()
    digits = "".join(map(str, figures))
    # The value is 0.DIGITS times ten to the power of `point`.
    point = len(digits) + int(exponent)
    if 0 < point <= 21:
        text = digits[:point].ljust(point, "0") + (f".{digits[point:]}" if len(digits) > point else "")
    elif -6 < point <= 0:
        text = "0" if digits == "0" else f"0.{'0' * -point}{digits}"
    else:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        text = f"{digits[0]}{fraction}e{point - 1:+d}"
    return f"-{text}" if sign and digits != "0" else text
