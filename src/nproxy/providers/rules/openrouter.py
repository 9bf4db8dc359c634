"""OpenRouter's answers and errors → verdicts.

Decided by the fields that have names (who judged, which limit, availability, error type), the bare HTTP
status last, and never by words. Source of every row: the provider's pages on errors and limits, 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime

from nproxy.kit.redaction import redact
from nproxy.providers.rules.gemini import POLICY_STOPS
from nproxy.providers.rules.openrouter_error import OpenRouterError, read_error
from nproxy.providers.rules.verdict import Classified, Verdict
from nproxy.providers.rules.waits import longest, retry_after

V = Verdict
# What an error inside a 200 counts as when it has no number of its own: the provider failed.
FAILED_UPSTREAM = 502

# `availability.code`: the model is not to be had, for nobody who asks like this.
_NOT_TO_BE_HAD = frozenset(
    {
        *("model_not_found", "wrong_endpoint", "no_endpoints", "model_deprecated"),
        *("model_unavailable_upstream", "constraint_filtered", "privacy_restricted"),
    }
)
# `error_type`: what was asked is refused.
_POLICY = frozenset({"content_policy_violation", "refusal"})
_USERS_OWN = frozenset(
    {
        *("invalid_image", "image_too_large", "image_too_small", "unsupported_image_format"),
        *("image_not_found", "image_download_failed", "payload_too_large"),
        *("invalid_prompt", "context_length_exceeded"),
    }
)
_OUR_REQUEST = frozenset({"invalid_request", "unprocessable", "not_found"})
_FAILING = frozenset({"server", "provider_unavailable", "timeout"})

ANY = range(1000)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: the status is among `statuses`, and what is `said` holds."""

    verdict: Verdict
    said: Callable[[OpenRouterError], bool] = lambda _: True
    statuses: Container[int] = ANY
    account_wide: bool = False
    user_code: str = ""
    is_overload: bool = False

    def matches(self, status: int, error: OpenRouterError) -> bool:
        return status in self.statuses and self.said(error)


def _kind(*kinds: str) -> Callable[[OpenRouterError], bool]:
    return lambda error: error.kind in kinds


def _availability(*codes: str) -> Callable[[OpenRouterError], bool]:
    return lambda error: error.availability in codes


# First match wins.
ROWS = (
    Row(V.USER_ERROR, lambda error: error.is_judged, (400, 403), user_code="content_policy"),
    Row(V.USER_ERROR, lambda error: error.upstream in POLICY_STOPS, user_code="content_policy"),
    Row(V.USER_ERROR, _kind(*_POLICY), user_code="content_policy"),
    Row(V.USER_ERROR, _kind(*_USERS_OWN), user_code="invalid_request"),
    # Which limit was met decides, not 402 or 403: the provider moved some from one to the other. What is
    # in flight comes back by itself; the account's credits are everybody's, any other limit is this key's.
    Row(V.RATE_LIMITED, lambda error: error.source == "openrouter_in_flight_budget"),
    Row(V.RATE_LIMITED, lambda error: error.reason == "in_flight_budget_exhausted"),
    Row(V.OUT_OF_FUNDS, lambda error: error.source == "openrouter_credits", account_wide=True),
    Row(V.OUT_OF_FUNDS, lambda error: bool(error.source), (402, 403)),
    # Capacity is shared by all keys there are, so its other keys do not help.
    Row(V.RATE_LIMITED, statuses=(429,), is_overload=True),
    Row(V.ROUTE_BLOCKED, _availability("region_restricted")),
    Row(V.RETRYABLE, _availability("capacity_exhausted", "temporarily_unavailable"), is_overload=True),
    Row(V.RETRYABLE, lambda error: error.is_retryable),
    Row(V.MISCONFIGURED, _availability(*_NOT_TO_BE_HAD)),
    Row(V.MISCONFIGURED, lambda error: bool(error.availability), range(400, 500)),
    Row(V.KEY_REJECTED, _kind("authentication", "permission_denied")),
    Row(V.RATE_LIMITED, _kind("rate_limit_exceeded"), is_overload=True),
    Row(V.RETRYABLE, _kind("provider_overloaded"), is_overload=True),
    Row(V.OUT_OF_FUNDS, _kind("payment_required"), account_wide=True),
    Row(V.MISCONFIGURED, _kind(*_OUR_REQUEST)),
    Row(V.RETRYABLE, statuses=(503, 529), is_overload=True),
    Row(V.RETRYABLE, _kind(*_FAILING)),
    Row(V.OUT_OF_FUNDS, statuses=(402,), account_wide=True),
    Row(V.KEY_REJECTED, statuses=(401, 403)),
    Row(V.RETRYABLE, statuses=(408, 499)),
    Row(V.USER_ERROR, statuses=(413,), user_code="invalid_request"),
    Row(V.MISCONFIGURED, statuses=(*range(400, 500), 501)),
    Row(V.ROUTE_BLOCKED, statuses=range(300, 400)),
    Row(V.RETRYABLE),
)

# Without the API's JSON somebody on the way answered: a wall against bots, a captive portal, a proxy.
_BLOCKED_ON_THE_WAY = (401, 403, 407)


def classify_error(status: int, body: bytes, *, header: str, now: datetime, secret: str) -> Classified:
    """The verdict on an answer that is not 200. `header` is its Retry-After, "" without one."""
    error = read_error(body)
    if error is not None:
        return _classified(status, error, header=header, now=now, secret=secret)
    error = OpenRouterError(message=body[:2000].decode("utf-8", "replace"))
    if status in _BLOCKED_ON_THE_WAY:
        return Classified(V.ROUTE_BLOCKED, detail=_detail(error, secret))
    return _classified(status, error, header=header, now=now, secret=secret)


def classify_error_in_answer(error: OpenRouterError, *, now: datetime, secret: str) -> Classified:
    """The verdict on an error that came in a 200, by its own number."""
    status = error.code if error.code in range(400, 600) else FAILED_UPSTREAM
    return _classified(status, error, header="", now=now, secret=secret)


def classify_answer(*, has_image: bool, note: str, secret: str) -> Classified:
    """The verdict on a 200 without an error. `note` says what was there instead of a picture."""
    if has_image:
        return Classified(V.SUCCESS)
    return Classified(V.NO_IMAGE, detail=redact(note, secret=secret))


def _classified(
    status: int, error: OpenRouterError, *, header: str, now: datetime, secret: str
) -> Classified:
    row = next(row for row in ROWS if row.matches(status, error))
    is_limited = row.verdict is V.RATE_LIMITED
    return Classified(
        row.verdict,
        detail=_detail(error, secret),
        retry_after=longest([retry_after(header, now)]) if is_limited else None,
        account_wide=row.account_wide,
        user_code=row.user_code,
        is_overload=row.is_overload,
    )


def _detail(error: OpenRouterError, secret: str) -> str:
    return redact(f"{error.facts}: {error.message}" if error.facts else error.message, secret=secret)
