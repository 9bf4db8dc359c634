"""What the operator hears of the store, each thing at most once an hour."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.core.cache import cache

from nproxy.notifications import actions as notifications

ALERT_EVERY_SECONDS: Final = 3600


def alert(kind: str, subject: str, text: str, now: datetime) -> None:
    """Tell the operator, unless that was done within the hour: the cache is shared by all processes."""
    if cache.add(f"alert:{kind}:{subject}", 1, timeout=ALERT_EVERY_SECONDS):
        notifications.alert(kind=kind, subject=subject, text=text, now=now)
