"""Google's error envelope, read without trust: a dict, a list of one, or no envelope at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"^(\d{1,9}(?:\.\d+)?)s?$")


@dataclass(frozen=True, slots=True)
class GoogleError:
    """What an error body says. `reasons` and `quota_ids` come from `details[]`, never from the text."""

    status: str = ""
    message: str = ""
    reasons: frozenset[str] = frozenset()
    quota_ids: tuple[str, ...] = ()
    retry_delay: timedelta | None = None


def read_error(body: bytes) -> GoogleError | None:
    """The error in `body`; None when this is not the API's JSON (a front end's or a proxy's page)."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, dict):
        return None
    error = value.get("error")
    if not isinstance(error, dict):
        return GoogleError(message=str(error or ""))
    details = [detail for detail in _list(error.get("details")) if isinstance(detail, dict)]
    return GoogleError(
        status=str(error.get("status") or ""),
        message=str(error.get("message") or ""),
        reasons=frozenset(str(detail["reason"]) for detail in details if detail.get("reason")),
        quota_ids=tuple(_quota_ids(details)),
        retry_delay=max(
            filter(None, (seconds(detail.get("retryDelay")) for detail in details)), default=None
        ),
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _quota_ids(details: list[dict[str, object]]) -> Iterator[str]:
    for detail in details:
        for violation in _list(detail.get("violations")):
            if isinstance(violation, dict) and violation.get("quotaId"):
                yield str(violation["quotaId"])


def seconds(value: object) -> timedelta | None:
    """`"21s"`, `"0.5s"`, `"30"`; None for anything else."""
    match = _SECONDS.match(value.strip()) if isinstance(value, str) else None
    return timedelta(seconds=float(match[1])) if match else None


def retry_after(header: str, now: datetime) -> timedelta | None:
    """A Retry-After header (RFC 9110 §10.2.3: seconds, or a date) as a wait from `now`."""
    wait = seconds(header)
    if wait is not None:
        return wait
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta())
