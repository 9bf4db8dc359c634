"""The arithmetic of the ledger, and the one figure of it that people see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

STEPS = 5
# Calls of a cycle that may bring no picture and cost money all the same; the cycle's limit when that is more.
UNPAID_ALLOWED = 50


@dataclass(frozen=True, slots=True)
class Counters:
    """What a quota's row says, in requests. Always `0 <= used`, `0 <= held`, `used + held <= limit`."""

    limit: int
    used: int
    held: int


def bucket(remaining: int, limit: int) -> int:
    """What a person sees of `remaining` requests out of `limit` (>= 1): 0, 20, 40, 60, 80 or 100 percent.

    Rounded up, so that anything left is at least 20 and 0 means that nothing is (docs/ledger.md).
    """
    return -(-remaining * STEPS // limit) * (100 // STEPS)


def recount(entries: Iterable[tuple[str, int]]) -> Counters:
    """The counters that the journal's (kind, units) entries add up to."""
    totals = {"grant": 0, "hold": 0, "capture": 0, "release": 0}
    for kind, units in entries:
        totals[kind] += units
    return Counters(
        limit=totals["grant"],
        used=totals["capture"],
        held=totals["hold"] - totals["capture"] - totals["release"],
    )
