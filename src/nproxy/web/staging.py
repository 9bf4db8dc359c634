"""Where this runs: staging says so on every page, so that nobody takes it for the real thing."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def context(request: HttpRequest) -> dict[str, object]:
    """Context processor: `is_staging`."""
    return {"is_staging": settings.NPROXY_ENV == "staging"}


def environment(request: HttpRequest) -> list[str] | None:
    """The label on the operators' pages (Unfold's ENVIRONMENT): its words and its kind."""
    return ["Staging: nothing here is real", "warning"] if context(request)["is_staging"] else None
