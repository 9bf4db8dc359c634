"""What the bot shows: one module for each part of the product, a function for each screen.

A screen reads and never changes anything; its buttons name other screens, or ask for deeds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from nproxy.bot.screens import home, keys, money, people
from nproxy.bot.screens.screen import Screen
from nproxy.telegram.queries import AdminView

Show = Callable[[AdminView, str, datetime], Screen]

SCREENS: dict[str, Show] = {
    "home": home.home,
    "today": home.today,
    "health": home.health,
    "pool": keys.pool,
    "key": keys.key,
    "proxies": keys.proxies,
    "fails": keys.failures,
    "pays": money.payments,
    "reviews": money.reviews,
    "find": people.find,
    "user": people.person,
}


def show(verb: str, admin: AdminView, argument: str, now: datetime) -> Screen:
    """The screen called `verb`; the main menu for what is no screen (any more)."""
    return SCREENS.get(verb, home.home)(admin, argument, now)
