"""What a key may still spend, as its provider tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """`remaining_microusd` is what is left of the tightest limit on the key, in millionths of a USD, below
    zero when overspent; None when the key has no limit: unknown, not nothing. `resets_at` is when that
    limit starts anew, if it ever does by itself."""

    remaining_microusd: int | None
    resets_at: datetime | None = None
