"""The main menu, the numbers of today, and whether all is well."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from html import escape

from nproxy.accounts import queries as people
from nproxy.billing import queries as billing
from nproxy.bot.screens.screen import Screen, at, percent, screen, zone
from nproxy.generations import queries as generations
from nproxy.kit import presence, queue
from nproxy.kit.money import dollars, usd
from nproxy.notifications import queries as news
from nproxy.providers import queries as providers
from nproxy.subscriptions import queries as subscriptions
from nproxy.telegram import queries as telegram
from nproxy.telegram.queries import AdminView
from nproxy.telegram.rules import menu
from nproxy.telegram.rules.wording import MARKS, span, title

INCIDENTS_SHOWN = 8
WELL = 0.8


def home(admin: AdminView, _: str, now: datetime) -> Screen:
    """Where everything begins."""
    line = generations.queue()
    lines = [
        pool_line(now),
        f"{line.drawing} drawing, {line.waiting} in line",
        *_open_line(),
    ]
    if not admin.may_act:
        lines.append("<i>You look; you do not act.</i>")
    return screen("nproxy", lines, menu.home())


def pool_line(now: datetime) -> str:
    """How many keys there are, by what they are doing."""
    states = Counter(key.status for key in providers.keys(now))
    if not states:
        return "No keys yet: <code>nproxy keys add</code>"
    rest = [f"{states[name]} {name.replace('_', ' ')}" for name in sorted(states) if name != "active"]
    return f"{states['active']} of {states.total()} keys in service" + (
        f" ({', '.join(rest)})" if rest else ""
    )


def _open_line() -> list[str]:
    count = len([one for one in news.open_incidents() if one.standing.is_lasting])
    return [f"⚠️ {count} open {'problem' if count == 1 else 'problems'}: see Health"] if count else []


def today(_: AdminView, __: str, now: datetime) -> Screen:
    """Since midnight where the operators live."""
    begin = now.astimezone(zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    return screen("Today", figures(begin, now), [menu.back(again="today")])


def figures(since: datetime, until: datetime) -> list[str]:
    """What was drawn, sold and spent within a span."""
    ends = generations.outcomes(since, until)
    sold = billing.revenue(since, until)
    return [
        f"🖼 {ends.succeeded:,} pictures" + (f", {percent(ends.success)} success" if ends.failed else ""),
        f"   {ends.failed:,} failed, {ends.declined:,} declined, {ends.canceled:,} canceled",
        f"👤 {people.joined(since, until):,} new people, {subscriptions.running(until):,} with access",
        f"💳 {dollars(sold.cents)} from {sold.orders} {'order' if sold.orders == 1 else 'orders'}",
        f"💸 {usd(providers.spent(since, until))} spent on calls",
    ]


def health(_: AdminView, __: str, now: datetime) -> Screen:
    """What is open, and the signs of life."""
    line, tick, outbox = generations.queue(), queue.last_tick(), telegram.outbox()
    ends = generations.outcomes(now - timedelta(hours=1), now)
    waits = f", the first for {span(now - line.oldest_at)}" if line.oldest_at else ""
    alive = sum(one.is_alive for one in presence.processes(now) if one.kind == "worker")
    lines = [
        f"{_mark(bool(alive))} Workers: {f'{alive} alive' if alive else 'no sign of life'}",
        f"{_mark(tick is not None and now - tick < queue.LATE_AFTER)} Clock: {at(tick, now) if tick else 'never'}",
        f"{_mark(True)} Queue: {line.waiting} in line{waits}; {line.drawing} drawing",
        f"{_mark(ends.success is None or ends.success > WELL)} Last hour: {_rate(ends.success)}",
        f"{_mark(not outbox.given_up)} Messages: {outbox.waiting} waiting, {outbox.given_up} given up",
        "",
        *_incidents(now),
    ]
    return screen("Health", lines, [menu.back(again="health")])


def _incidents(now: datetime) -> list[str]:
    still = [one.standing for one in news.open_incidents() if one.standing.is_lasting]
    if not still:
        return ["✅ No open problems"]
    return [
        f"{MARKS[each.severity]} {escape(title(each.kind))}"
        + (f" · {escape(each.subject)}" if each.subject else "")
        + f", for {span(now - each.opened_at)}"
        for each in still[:INCIDENTS_SHOWN]
    ]


def _rate(success: float | None) -> str:
    return "nothing drawn" if success is None else f"{percent(success)} good"


def _mark(is_well: bool) -> str:  # noqa: FBT001 - the one thing it says
    return "🟢" if is_well else "🔴"
