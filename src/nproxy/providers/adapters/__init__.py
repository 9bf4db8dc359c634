"""One file per provider; which of them speaks to whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from nproxy.providers.adapters import gemini
from nproxy.providers.rules import Classified, DrawRequest
from nproxy.providers.rules.attempt import Outcome


class Adapter(Protocol):
    """What a provider's file offers. What the network or the provider does is in the answer, never raised."""

    async def draw(self, request: DrawRequest, *, secret: str, started_at: datetime) -> Outcome:
        """One picture."""

    async def probe(self, *, secret: str, started_at: datetime) -> Classified:
        """Whether the key works, for nothing."""


# Every provider of `rules.PROVIDERS`; the next one stands beside it.
ADAPTERS: Mapping[str, Adapter] = {"gemini": gemini}
