"""Payments and the review queue: to look at. Money is decided about on the server and in the web admin."""

from __future__ import annotations

from datetime import datetime
from html import escape

from nproxy.billing import queries as billing
from nproxy.bot.screens.screen import Screen, at, screen
from nproxy.kit.money import dollars
from nproxy.telegram.queries import AdminView
from nproxy.telegram.rules import menu
from nproxy.telegram.rules.menu import button

SHOWN = 8


def payments(_: AdminView, __: str, now: datetime) -> Screen:
    """The newest payments."""
    waiting = billing.open_reviews()
    lines = [
        f"{at(one.found_at, now)} · {dollars(one.price_cents) if one.price_cents is not None else 'no order'}"
        f" · {one.status.replace('_', ' ')}\n<i>{escape(one.email or 'nobody known')}: {one.received} of"
        f" {one.asked or '?'} {escape(one.coin)}</i>"
        for one in billing.payments(limit=SHOWN)
    ]
    rows = [[button(f"Waiting for a decision: {waiting}", "reviews")]] if waiting else []
    return screen("Payments", lines or ["None yet."], [*rows, menu.back(again="pays")])


def reviews(_: AdminView, __: str, now: datetime) -> Screen:
    """What waits for a person to decide, the longest first."""
    waiting = billing.reviews()
    lines = [
        f"{at(one.opened_at, now)} · <b>{one.reason.replace('_', ' ')}</b>\n"
        f"<i>{escape(one.email or 'nobody known')}: {one.received or '?'} of {one.asked or '?'} {escape(one.coin)}</i>"
        for one in waiting[:SHOWN]
    ]
    hint = "Decide in the web admin, or with <code>nproxy payments resolve</code>."
    return screen(
        f"{len(waiting)} to decide", [*lines, hint] if lines else ["Nothing waits."], [menu.back("pays")]
    )
