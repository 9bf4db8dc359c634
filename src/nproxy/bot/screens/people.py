"""A person by e-mail: access, the exact quota, and what may be done."""

from __future__ import annotations

from datetime import datetime
from html import escape

from nproxy.accounts import queries as people
from nproxy.accounts.queries import Person
from nproxy.bot.screens.screen import Screen, at, screen
from nproxy.generations import queries as generations
from nproxy.quota import queries as quota
from nproxy.subscriptions import queries as subscriptions
from nproxy.subscriptions.queries import Subscription
from nproxy.telegram.queries import AdminView
from nproxy.telegram.rules import menu
from nproxy.telegram.rules.menu import Keyboard, button

FOUND_AT_MOST = 6
DAYS = (3, 7, 30)


def find(_: AdminView, argument: str, now: datetime) -> Screen:
    """How to find somebody; with `argument`, whoever's address has it in it."""
    if not argument:
        return screen("Find a person", ["Send me an e-mail address, or a part of one."], [menu.back()])
    found = people.people(limit=FOUND_AT_MOST, search=argument)
    if not found:
        return screen("Nobody", [f"No address contains <code>{escape(argument)}</code>."], [menu.back()])
    rows: Keyboard = [[button(one.email[:60], f"user:{one.id}")] for one in found]
    return screen("Who is it?", [], [*rows, menu.back()])


def person(admin: AdminView, argument: str, now: datetime) -> Screen:
    """One person."""
    found = people.person(int(argument)) if argument.isdigit() else None
    if found is None:
        return screen("Person", ["This account is gone."], [menu.back("find")])
    access = subscriptions.subscription(found.id, now)
    paused = generations.paused_until(found.id, now)
    lines = [
        f"Access: <b>{access.state}</b>" + (f", ends {at(access.ends_at, now)}" if access.ends_at else ""),
        *_quota(found, now),
        *([f"Next cycle: from {at(access.queued.starts_at, now)}"] if access.queued else []),
        *([f"Paused after refusals: draws nothing until {at(paused, now)}"] if paused else []),
        f"Since {found.created_at:%-d %b %Y}" + ("" if found.verified else ", address not confirmed"),
        *(["Signed out: the account is blocked"] if not found.is_active else []),
    ]
    acts = _acts(found, access, now) if admin.may_act else []
    pause = [[button("End the pause", f"ask:user.unpause:{found.id}")]] if admin.may_act and paused else []
    return screen(escape(found.email), lines, [*acts, *pause, menu.back("find", again=f"user:{found.id}")])


def _quota(found: Person, now: datetime) -> list[str]:
    cycle = subscriptions.active_cycle(found.id, now)
    if cycle is None:
        return []
    count = quota.counters(cycle.quota_id)
    return [f"Quota: {count.used} used, {count.held} held, {count.limit - count.used} of {count.limit} left"]


def _acts(found: Person, access: Subscription, now: datetime) -> Keyboard:
    rows: Keyboard = []
    if subscriptions.active_cycle(found.id, now) is not None:
        rows.append([button(f"+{days} days", f"ask:user.extend:{found.id}-{days}") for days in DAYS])
    if access.state == "suspended":
        rows.append([button("Resume", f"ask:user.resume:{found.id}")])
    else:
        rows.append([button("Suspend", f"ask:user.suspend:{found.id}")])
    return rows
