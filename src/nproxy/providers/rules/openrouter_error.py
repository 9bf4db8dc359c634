"""OpenRouter's error envelope, read without trust."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

# In `metadata`, any of these says that somebody's words or picture were judged, not the key.
_JUDGED = ("reasons", "flagged_input", "patterns")


@dataclass(frozen=True, slots=True)
class OpenRouterError:
    """What an error body says.

    `kind` is `metadata.error_type`, `upstream` is `metadata.provider_code`, `availability` the code of the
    block of that name, `source` and `reason` those of the limit that was met, `is_judged` whether
    moderation or a guardrail spoke. `code` is the error's own number, 0 without one.
    """

    code: int = 0
    message: str = ""
    kind: str = ""
    upstream: str = ""
    availability: str = ""
    is_retryable: bool = False
    source: str = ""
    reason: str = ""
    scope: str = ""
    resets_at: str = ""
    is_judged: bool = False

    @property
    def facts(self) -> str:
        """All that has a name, on one line."""
        resets = f"resets {self.resets_at}" if self.resets_at else ""
        named = (self.kind, self.upstream, self.availability, self.source, self.reason, self.scope, resets)
        return " ".join(filter(None, named))


def read_error(body: bytes) -> OpenRouterError | None:
    """The error in `body`; None when this is not the API's JSON (a front end's or a proxy's page)."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return described(value.get("error")) if isinstance(value, dict) else None


def described(error: object) -> OpenRouterError:
    """The error in an envelope that has been read, whatever it is."""
    if not isinstance(error, dict):
        return OpenRouterError(message=_text(error))
    metadata, availability = _table(error.get("metadata")), _table(error.get("availability"))
    code = error.get("code")
    return OpenRouterError(
        code=code if isinstance(code, int) else 0,
        message=_text(error.get("message")),
        kind=_text(metadata.get("error_type")),
        upstream=_text(metadata.get("provider_code")),
        availability=_text(availability.get("code")),
        is_retryable=availability.get("retryable") is True,
        source=_text(metadata.get("limit_source")),
        reason=_text(metadata.get("reason")),
        scope=_text(metadata.get("scope")),
        resets_at=_text(metadata.get("resets_at")),
        is_judged=any(metadata.get(name) for name in _JUDGED),
    )


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return "" if value is None else str(value)
