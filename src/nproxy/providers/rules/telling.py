"""Which providers tell what a key may still spend, and what such a call ends in."""

from __future__ import annotations

from dataclasses import dataclass

from nproxy.providers.rules.balance import Balance
from nproxy.providers.rules.verdict import Classified

# The others do not offer it: their keys' balance is never a number.
OFFERED_BY = frozenset({"openrouter"})


@dataclass(frozen=True, slots=True)
class Told:
    """The end of a balance call: `success` with the balance, or why there is none (then it changes nothing)."""

    classified: Classified
    balance: Balance | None = None
