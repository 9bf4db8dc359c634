"""Options that can be given back to nothing."""

from __future__ import annotations

from typing import Any

import click

# What the word `none` is read as; None is an option that was not given.
NONE = object()


class OrNone(click.ParamType[Any]):
    """A value of another type, or the word `none`."""

    def __init__(self, inner: click.ParamType[Any]) -> None:
        self._inner = inner
        self.name = f"{inner.name}|none"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> object:
        return NONE if value == "none" else self._inner.convert(value, param, ctx)
