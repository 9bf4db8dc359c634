"""One call to a provider: what it starts with and what it ends in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from nproxy.providers.rules.verdict import Classified


@dataclass(frozen=True, slots=True)
class Lease:
    """One key's turn, its attempt row open. Holds the sealed secret only; `call` opens it, for the call.

    `has_clean_record`: at lease the key had neither failures nor a cooldown to end.
    """

    attempt_id: int
    key_id: int
    provider: str
    label: str
    account: str
    fingerprint: str
    sealed_secret: bytes = field(repr=False)
    has_clean_record: bool
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt ended in. `seconds` is the provider's time, `cost_microusd` None when unknown."""

    classified: Classified
    image: bytes | None = field(default=None, repr=False)
    seconds: float = 0.0
    http_status: int | None = None
    model_version: str = ""
    bytes_in: int = 0
    cost_microusd: int | None = None
