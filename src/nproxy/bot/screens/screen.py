"""What a screen consists of, and the words that all of them share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from nproxy.telegram.rules.menu import Keyboard
from nproxy.telegram.rules.wording import clock, fitted


@dataclass(frozen=True, slots=True)
class Screen:
    """A text in Telegram's HTML, and the buttons under it."""

    text: str
    keyboard: Keyboard = field(default_factory=list)


def screen(title: str, lines: Iterable[str], keyboard: Keyboard) -> Screen:
    """A screen under a heading."""
    return Screen(fitted([f"<b>{title}</b>", *lines]), keyboard)


def zone() -> ZoneInfo:
    """Where the operators live."""
    return ZoneInfo(settings.NPROXY_TIMEZONE)


def at(moment: datetime, now: datetime) -> str:
    """A moment as briefly as it is clear: the time today, the day this year, else the year too."""
    local, today = moment.astimezone(zone()), now.astimezone(zone())
    if local.date() == today.date():
        return clock(moment, zone())
    return local.strftime("%-d %b %H:%M" if local.year == today.year else "%-d %b %Y")


def percent(share: float | None) -> str:
    """A share, or a dash where there is none. Never 100 % while something is missing."""
    if share is None:
        return "–"
    return f"{int(share * 1000) / 10:g} %"
