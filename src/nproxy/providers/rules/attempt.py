"""One call to a provider: what it starts with and what it ends in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from nproxy.providers.rules.prices import Usage
from nproxy.providers.rules.verdict import Classified


@dataclass(frozen=True, slots=True)
class Lease:
    """One key's turn over one route, its attempt row open. Holds sealed secrets only; `call` opens them.

    `has_clean_record`: at lease the key had neither failures nor a cooldown to end. `proxy_id` and what
    follows it are those of the key's proxy when the route is `proxy`, else empty; its record is clean when
    it has answered just now.
    """

    attempt_id: int
    work: UUID
    key_id: int
    provider: str
    label: str
    account: str
    fingerprint: str
    sealed_secret: bytes = field(repr=False)
    has_clean_record: bool
    is_last_resort: bool
    started_at: datetime
    proxy_id: int | None = None
    proxy_name: str = ""
    sealed_proxy: bytes | None = field(default=None, repr=False)
    proxy_is_required: bool = False
    proxy_has_clean_record: bool = False

    @property
    def by_proxy(self) -> bool:
        return self.proxy_id is not None

    @property
    def may_go_direct(self) -> bool:
        """Whether the same key may be tried without the proxy that this lease goes by."""
        return self.proxy_id is not None and not self.proxy_is_required


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt ended in. `seconds` is the provider's time; `usage` and `cost_microusd` (millionths of
    a USD) are None when the answer did not say."""

    classified: Classified
    image: bytes | None = field(default=None, repr=False)
    seconds: float = 0.0
    http_status: int | None = None
    model_version: str = ""
    bytes_in: int = 0
    usage: Usage | None = None
    cost_microusd: int | None = None

    @property
    def is_server_error(self) -> bool:
        """Whether the provider answered with a 5xx, which a request of its own kind can cause too."""
        return self.http_status is not None and 500 <= self.http_status < 600
