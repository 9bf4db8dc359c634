"""Google's error envelope, read without trust: a dict, a list of one, or no envelope at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from nproxy.providers.rules.waits import seconds


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
