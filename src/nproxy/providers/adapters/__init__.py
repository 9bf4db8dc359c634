"""One file per provider; which of them speaks to whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from nproxy.kit.http.proxies import ProxyAddress
from nproxy.providers.adapters import gemini, openrouter
from nproxy.providers.rules import Classified, DrawRequest
from nproxy.providers.rules.attempt import Outcome
from nproxy.providers.rules.telling import Told


class Adapter(Protocol):
    """What a provider's file offers, directly or by way of `proxy`.

    What the network or the provider does is in the answer, never raised.
    """

    async def draw(
        self, request: DrawRequest, *, secret: str, started_at: datetime, proxy: ProxyAddress | None
    ) -> Outcome:
        """One picture."""

    async def probe(self, *, secret: str, started_at: datetime, proxy: ProxyAddress | None) -> Classified:
        """Whether the key works, for nothing."""


class Teller(Protocol):
    """The file of a provider that tells balances (`rules.telling.OFFERED_BY`)."""

    async def balance(self, *, secret: str, started_at: datetime, proxy: ProxyAddress | None) -> Told:
        """What is left of the key's own limit."""


# Every provider of `rules.PROVIDERS`; the next one stands beside it.
ADAPTERS: Mapping[str, Adapter] = {"gemini": gemini, "openrouter": openrouter}
TELLERS: Mapping[str, Teller] = {"openrouter": openrouter}
