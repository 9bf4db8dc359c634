"""JSON read without losing how its numbers are spelled: money is `Decimal` from the source text, never a float."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias

JsonValue: TypeAlias = (
    "NumberText | str | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"  # a number is its text
)


class NotExactJson(Exception):
    """No JSON, or JSON that two readers could understand differently: a duplicate key, NaN, half a character."""


class NumberText(str):
    """A JSON number exactly as it was spelled: `1e-7`, `10.0`, `0.000083`."""

    __slots__ = ()


def read(text: bytes | bytearray | str) -> JsonValue:
    """The value of `text` (bytes: UTF-8), every number a NumberText. Raises NotExactJson."""
    try:
        if not isinstance(text, str):
            text = text.decode()
        value: JsonValue = json.loads(
            text,
            parse_int=NumberText,
            parse_float=NumberText,
            parse_constant=_refuse,
            object_pairs_hook=_without_duplicates,
        )
    except (ValueError, RecursionError) as error:
        # `from None`: a decoding error holds the whole text.
        raise NotExactJson(type(error).__name__) from None
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _without_duplicates(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found
