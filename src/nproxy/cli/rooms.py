"""Rooms that are loaded when a command runs, not when it is read: `nproxy keys add --help` costs no Django.

Command modules name the rooms' `actions` and `queries` at their top, as all doors do
(`from nproxy.providers import actions as providers`). While a command module is imported, those modules
stand there unread (importlib.util.LazyLoader); `load` reads them once Django is up. So a command module
uses what a room holds inside its functions only, and imports types of it under TYPE_CHECKING.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

SHELVES = re.compile(r"nproxy\.\w+\.(actions|queries)")

_unread: list[str] = []


class _OnFirstUse(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not SHELVES.fullmatch(fullname):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
            _unread.append(fullname)
        return spec


@contextmanager
def unread() -> Iterator[None]:
    """Meanwhile, importing a room's actions or queries does not read them."""
    finder = _OnFirstUse()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def load() -> None:
    """Read what stands unread. Django has to be up."""
    while _unread:
        vars(sys.modules[_unread.pop()])  # any look at it is its first use
