"""Once a day, at the chosen hour: what the last day was, and what needs a hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from django.conf import settings

from nproxy.bot.screens import home
from nproxy.kit.money import usd
from nproxy.notifications.rules.quiet import summary_due
from nproxy.providers import queries as providers
from nproxy.telegram import actions as telegram
from nproxy.telegram import queries
from nproxy.telegram.rules import menu
from nproxy.telegram.rules.wording import fitted

DAY = timedelta(days=1)
NEEDS_A_HAND = ("out_of_funds", "manual_review")


def send_if_due(now: datetime) -> None:
    """Owe today's summary to everybody who was paired when it fell due, once."""
    due = summary_due(now, settings.NPROXY_SUMMARY_HOUR, ZoneInfo(settings.NPROXY_TIMEZONE))
    if due is None:
        return
    admins = [one for one in queries.admins() if one.paired_at < due and one.blocked_at is None]
    keys = {one.id: f"summary:{due:%Y-%m-%d}:{one.telegram_id}" for one in admins}
    missing = [one for one in admins if not queries.is_written(keys[one.id])]
    if not missing:
        return
    text = summary(due, now)
    for one in missing:
        telegram.write(
            chat_id=one.telegram_id,
            text=text,
            keyboard=menu.home(),
            purpose="summary",
            key=keys[one.id],
            now=now,
        )


def summary(due: datetime, now: datetime) -> str:
    """The day that ended when it fell due."""
    lines = [
        f"☕️ <b>{due:%A, %-d %B}</b>: the last 24 hours",
        *home.figures(due - DAY, due),
        "",
        home.pool_line(now),
    ]
    pool = providers.keys(now)
    balances = [
        f"{escape(key.label)} {usd(key.balance_microusd)}" for key in pool if key.balance_microusd is not None
    ]
    if balances:
        lines.append(f"Balances: {', '.join(balances)}")
    waiting = [
        f"{escape(key.label)} ({key.status.replace('_', ' ')})" for key in pool if key.status in NEEDS_A_HAND
    ]
    if waiting:
        lines.append(f"🖐 Needs a hand: {', '.join(waiting)}")
    return fitted(lines)
