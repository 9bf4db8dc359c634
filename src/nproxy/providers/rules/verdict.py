"""What an attempt can end in (docs/routing.md), and what the classifier says about one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Verdict(StrEnum):
    """How an attempt ended; it alone decides what becomes of the key and whether another one is tried."""

    SUCCESS = "success"
    USER_ERROR = "user_error"
    NO_IMAGE = "no_image"
    RETRYABLE = "retryable"
    RATE_LIMITED = "rate_limited"
    ROUTE_BLOCKED = "route_blocked"
    OUT_OF_FUNDS = "out_of_funds"
    KEY_REJECTED = "key_rejected"
    PROXY_FAILED = "proxy_failed"
    LOST = "lost"
    MISCONFIGURED = "misconfigured"


@dataclass(frozen=True, slots=True)
class Classified:
    """A verdict with its facts.

    `retry_after` or `until` say how long a rate limit lasts, when the provider said so. `account_wide`
    marks money that every key of the account lacks. `is_overload`: the provider has no capacity (503, 529, a
    429 about capacity), so its other keys hardly help. `user_code` is the error code a person gets when the
    verdict is terminal for them. `detail` is for operators and redacted.
    """

    verdict: Verdict
    detail: str = ""
    retry_after: timedelta | None = None
    until: datetime | None = None
    account_wide: bool = False
    is_overload: bool = False
    user_code: str = ""
