"""Gemini's answers and errors → verdicts.

Decided by HTTP status, then `details[].reason`, then quota ids; message fragments come last and only
where the wire has no code. Source of every row: the provider's error pages and observed bodies, 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from nproxy.kit.redaction import redact
from nproxy.providers.rules.google_error import GoogleError, read_error
from nproxy.providers.rules.verdict import Classified, Verdict
from nproxy.providers.rules.waits import longest, retry_after

PACIFIC = ZoneInfo("America/Los_Angeles")  # where Google's daily quotas turn over
SPEND_WINDOW = timedelta(minutes=10)

POLICY_STOPS = frozenset(
    {
        "SAFETY",
        "PROHIBITED_CONTENT",
        "BLOCKLIST",
        "SPII",
        "LANGUAGE",
        "RECITATION",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "ESCALATION",
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: all that is given must hold (`says` is a pattern over the message)."""

    verdict: Verdict
    statuses: Sequence[int]
    reason: str = ""
    quota: str = ""
    says: str = ""
    account_wide: bool = False
    user_code: str = ""
    is_overload: bool = False
    wait: timedelta | None = None
    until_midnight: bool = False

    def matches(self, status: int, error: GoogleError) -> bool:
        return (
            status in self.statuses
            and (not self.reason or self.reason in error.reasons)
            and (not self.quota or any(self.quota in quota_id for quota_id in error.quota_ids))
            and (not self.says or re.search(self.says, error.message, re.IGNORECASE) is not None)
        )


REFUSED = (400, 401, 403)
V = Verdict

# First match wins. Reasons, then quota ids, then words, then the bare status.
ROWS = (
    Row(V.KEY_REJECTED, REFUSED, reason="API_KEY_INVALID"),  # expired keys carry the same reason
    Row(V.OUT_OF_FUNDS, REFUSED, reason="BILLING_DISABLED"),
    Row(V.ROUTE_BLOCKED, REFUSED, reason="API_KEY_IP_ADDRESS_BLOCKED"),
    # Daily beats per-minute when both are violated; a free-tier project never draws, however long one waits.
    Row(V.OUT_OF_FUNDS, (429,), quota="FreeTier"),
    Row(V.RATE_LIMITED, (429,), quota="PerDay", until_midnight=True),
    Row(V.RATE_LIMITED, (429,), quota="PerMinute"),
    Row(V.OUT_OF_FUNDS, (429,), says=r"limit: 0(?![.\d])"),
    Row(V.OUT_OF_FUNDS, (429,), says=r"billing account.*monthly spending cap", account_wide=True),
    Row(V.OUT_OF_FUNDS, (429,), says=r"monthly spending cap.*billing account", account_wide=True),
    Row(V.OUT_OF_FUNDS, (429,), says=r"monthly spending cap"),
    Row(V.OUT_OF_FUNDS, (429,), says=r"prepayment credits are depleted", account_wide=True),
    Row(V.RATE_LIMITED, (429,), says=r"spend-based|spend limit|10[ -]minute", wait=SPEND_WINDOW),
    Row(V.RATE_LIMITED, (429,), is_overload=True),  # no cause given: shared capacity, seen on idle projects
    Row(V.ROUTE_BLOCKED, (400, 403), says=r"^user location is not supported"),
    Row(V.OUT_OF_FUNDS, (400, 403), says=r"free tier is not available|enable billing|billing is not enabled"),
    Row(V.KEY_REJECTED, (400,), says=r"^api key (not valid|expired)"),
    Row(V.USER_ERROR, (400,), says=r"^unable to process input image", user_code="invalid_request"),
    Row(V.USER_ERROR, (400,), says=r"^request payload size exceeds", user_code="invalid_request"),
    Row(V.MISCONFIGURED, (400,)),
    Row(V.KEY_REJECTED, (401, 403)),
    Row(V.OUT_OF_FUNDS, (402,), account_wide=True),
    Row(V.RETRYABLE, (408, 499)),
    Row(V.USER_ERROR, (413,), user_code="invalid_request"),
    Row(V.MISCONFIGURED, range(404, 500)),
    Row(V.MISCONFIGURED, (501,)),
    Row(V.RETRYABLE, (503, 529), is_overload=True),
    Row(V.RETRYABLE, range(500, 600)),
    Row(V.ROUTE_BLOCKED, range(300, 400)),
    Row(V.RETRYABLE, range(1000)),
)

# Without the API's JSON somebody on the way answered: a sorry page, a captive portal, a proxy.
_BLOCKED_ON_THE_WAY = (401, 403, 407)
_SORRY_PAGE = re.compile(rb"automated queries|unusual traffic", re.IGNORECASE)


def classify_error(status: int, body: bytes, *, header: str, now: datetime, secret: str) -> Classified:
    """The verdict on an answer that is not 200. `header` is its Retry-After, "" without one."""
    error = read_error(body)
    if error is None:
        error = GoogleError(message=body[:2000].decode("utf-8", "replace"))
        if status in _BLOCKED_ON_THE_WAY or _SORRY_PAGE.search(body):
            return Classified(Verdict.ROUTE_BLOCKED, detail=_detail(error, secret))
    row = next(row for row in ROWS if row.matches(status, error))
    return Classified(
        row.verdict,
        detail=_detail(error, secret),
        retry_after=_wait(row, error, header, now),
        until=next_midnight(now) if row.until_midnight else None,
        account_wide=row.account_wide,
        is_overload=row.is_overload,
        user_code=row.user_code,
    )


def _wait(row: Row, error: GoogleError, header: str, now: datetime) -> timedelta | None:
    if row.verdict is not Verdict.RATE_LIMITED:
        return None
    return longest((error.retry_delay, retry_after(header, now)), default=row.wait)


def _detail(error: GoogleError, secret: str) -> str:
    facts = " ".join([error.status, *sorted(error.reasons), *error.quota_ids])
    return redact(f"{facts}: {error.message}" if facts else error.message, secret=secret)


def next_midnight(now: datetime) -> datetime:
    """The next 00:00 in Los Angeles after `now`, where Google's daily limits start anew."""
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=PACIFIC).astimezone(now.tzinfo)


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What a 200 says beside its picture. `note` is its own words, if any; values may be unknown ones."""

    has_image: bool
    finish_reason: str = ""
    block_reason: str = ""
    note: str = ""


def choose_image(thoughts: Sequence[bool], finish_reason: str) -> int | None:
    """Which of an answer's pictures is the result; `thoughts` says of each whether it is an interim one.

    The last that is no thought; when a stopped answer has thoughts only, its last (seen on the wire).
    """
    final = [index for index, thought in enumerate(thoughts) if not thought]
    if final:
        return final[-1]
    return len(thoughts) - 1 if thoughts and finish_reason == "STOP" else None


def classify_answer(facts: AnswerFacts, *, secret: str) -> Classified:
    """The verdict on a 200. A policy stop outranks a picture; without either there is no image.

    Finish reasons that name no policy (NO_IMAGE, OTHER, MALFORMED_…, MAX_TOKENS, unknown ones, none)
    decide nothing by themselves.
    """
    if facts.block_reason:
        detail = redact(f"blockReason {facts.block_reason}: {facts.note}", secret=secret)
        return Classified(Verdict.USER_ERROR, detail=detail, user_code="content_policy")
    detail = redact(f"finishReason {facts.finish_reason or 'absent'}: {facts.note}", secret=secret)
    if facts.finish_reason in POLICY_STOPS:
        return Classified(Verdict.USER_ERROR, detail=detail, user_code="content_policy")
    if facts.finish_reason == "PUP_LIMITED_DISABLED":  # the account is limited, not the prompt
        return Classified(Verdict.KEY_REJECTED, detail=detail)
    if facts.finish_reason == "MISSING_THOUGHT_SIGNATURE":  # we never replay a model's turn
        return Classified(Verdict.MISCONFIGURED, detail=detail)
    if facts.has_image:
        return Classified(Verdict.SUCCESS)
    return Classified(Verdict.NO_IMAGE, detail=detail)
