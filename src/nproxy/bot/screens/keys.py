"""The pool: keys, one key, proxies, and what failed lately."""

from __future__ import annotations

from datetime import datetime
from html import escape

from nproxy.bot.screens import home
from nproxy.bot.screens.screen import Screen, at, screen
from nproxy.kit.money import usd
from nproxy.providers import queries as providers
from nproxy.providers.queries import KeyLine, ProxyLine
from nproxy.telegram.queries import AdminView
from nproxy.telegram.rules import menu
from nproxy.telegram.rules.menu import Keyboard, button

MARKS = {"active": "🟢", "cooldown": "🔵", "out_of_funds": "🟠", "manual_review": "🟠", "disabled": "⚪️"}
PAGE = 10
FAILURES_SHOWN = 8
DETAIL_LENGTH = 120


def pool(_: AdminView, argument: str, now: datetime) -> Screen:
    """All keys, ten to a page; `argument` is the page, from 0."""
    lines = providers.keys(now)
    page = int(argument) if argument.isdigit() and int(argument) * PAGE < len(lines) else 0
    shown = lines[page * PAGE : (page + 1) * PAGE]
    rows: Keyboard = [[button(f"{MARKS[key.status]} {key.label}", f"key:{key.id}")] for key in shown]
    turn = []
    if page:
        turn.append(button("← Earlier", f"pool:{page - 1}"))
    if (page + 1) * PAGE < len(lines):
        turn.append(button("More →", f"pool:{page + 1}"))
    keyboard = [*rows, *([turn] if turn else []), menu.back(again=f"pool:{page}")]
    return screen("Keys", [home.pool_line(now), *(_short(key) for key in shown)], keyboard)


def _short(key: KeyLine) -> str:
    facts = [key.provider, f"{key.successes}/{key.attempts} good" if key.attempts else "not used today"]
    if key.status != "active":
        facts.append(key.status.replace("_", " "))
    if key.balance_microusd is not None:
        facts.append(usd(key.balance_microusd))
    return f"{MARKS[key.status]} <b>{escape(key.label)}</b> · {' · '.join(facts)}"


def find(argument: str, now: datetime) -> KeyLine | None:
    """The key with this number."""
    return next((key for key in providers.keys(now) if str(key.id) == argument), None)


def key(admin: AdminView, argument: str, now: datetime) -> Screen:
    """One key, with what may be done with it."""
    found = find(argument, now)
    if found is None:
        return screen("Key", ["This key is gone from the pool."], [menu.back("pool")])
    state = found.status.replace("_", " ")
    if found.cooldown_until is not None:
        state += f" until {at(found.cooldown_until, now)}"
    lines = [
        f"{found.provider} · {state}",
        *([escape(found.status_reason)] if found.status_reason and found.status != "active" else []),
        f"24 hours: {found.successes} of {found.attempts} good, {usd(found.cost_microusd)}",
        f"Now: {found.in_flight} drawing, {found.failures} failures in a row",
        f"Balance: {_balance(found, now)}",
        *([f"Account: {escape(found.account)}"] if found.account else []),
        *([f"Proxy: {escape(found.proxy)}"] if found.proxy else []),
        *([f"Last error: <i>{escape(found.last_error[:DETAIL_LENGTH])}</i>"] if found.last_error else []),
    ]
    keyboard = [*(_acts(found) if admin.may_act else []), menu.back("pool", again=f"key:{found.id}")]
    return screen(f"{MARKS[found.status]} {escape(found.label)}", lines, keyboard)


def _balance(found: KeyLine, now: datetime) -> str:
    if found.balance_microusd is None:
        return found.balance
    asked = f" ({at(found.balance_at, now)})" if found.balance_at else ""
    return usd(found.balance_microusd) + asked


def _acts(found: KeyLine) -> Keyboard:
    first = [button("Test", f"test:{found.id}")]
    if found.balance != providers.NOT_OFFERED:
        first.append(button("Refresh balance", f"balance:{found.id}"))
    second = []
    if found.status != "active" or found.failures:
        second.append(button("Return to service", f"ask:key.activate:{found.id}"))
    if found.status != "disabled":
        second.append(button("Disable", f"ask:key.disable:{found.id}"))
    return [first, second]


def proxies(_: AdminView, __: str, now: datetime) -> Screen:
    """All proxies."""
    lines = [_proxy(one, now) for one in providers.proxies(now)]
    return screen("Proxies", lines or ["None: keys go out directly."], [menu.back(again="proxies")])


def _proxy(one: ProxyLine, now: datetime) -> str:
    mark = "🟠" if one.status == "skipped" else "🟢"
    facts = [f"{one.routes - one.failed}/{one.routes} good"]
    if one.seconds is not None:
        facts.append(f"{one.seconds:g} s")
    if one.status == "skipped" and one.last_failure_at:
        facts.append(f"skipped, last failed at {at(one.last_failure_at, now)}")
    return f"{mark} <b>{escape(one.name)}</b> · {' · '.join(facts)}"


def failures(_: AdminView, __: str, now: datetime) -> Screen:
    """The newest calls that failed: never what was asked for, only what went wrong."""
    lines = [
        f"{at(one.at, now)} · <b>{escape(one.key or one.provider)}</b> · {one.verdict.replace('_', ' ')}\n"
        f"<i>{escape(one.detail[:DETAIL_LENGTH])}</i>"
        for one in providers.failures(FAILURES_SHOWN)
    ]
    return screen("Recent failures", lines or ["None on record."], [menu.back(again="fails")])
