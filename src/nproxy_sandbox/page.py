"""The page that people look at: what was asked, what was drawn, and forms to make trouble."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from string import Template

from nproxy_sandbox.control import Call, Control

CALLS_SHOWN = 50


def rendered(title: str, origin: str, control: Control, faults: Mapping[str, str]) -> str:
    """The page as HTML."""
    calls = {call.number: call for call in control.calls()}
    template = Template(files(__package__).joinpath("page.html").read_text("utf-8"))
    return template.substitute(
        style=look(),
        title=escape(title),
        origin=escape(origin),
        latency=f"{control.latency:g}",
        options="".join(
            _option(name, says) for name, says in sorted(faults.items(), key=lambda row: row[0].lower())
        ),
        orders=_orders(control),
        pictures=_pictures(control, calls),
        calls=_calls(list(calls.values())[-CALLS_SHOWN:]),
    )


def look() -> str:
    """The style that the pages of all stand-ins share."""
    return files(__package__).joinpath("look.css").read_text("utf-8")


def _option(name: str, says: str) -> str:
    return f'<option value="{escape(name)}">{escape(name)}: {escape(says)}</option>'


def _orders(control: Control) -> str:
    orders = control.orders()
    if not orders:
        return '<p class="muted">None: every key meets what its own text says.</p>'
    rows = (
        (order["key"], order["fault"], order["times"] or "always", order["seconds"], f"{order['rate']} %")
        for order in orders
    )
    return table(("Key", "Fault", "Times", "Seconds", "Share"), rows)


def _pictures(control: Control, calls: Mapping[int, Call]) -> str:
    numbers = sorted(control.pictures(), reverse=True)
    if not numbers:
        return '<p class="muted">Nothing was drawn yet.</p>'
    cards = (
        f'<a href="/sandbox/pictures/{number}"><img loading="lazy" src="/sandbox/pictures/{number}" '
        f'alt="{escape(calls[number].prompt_start if number in calls else "")}"></a>'
        for number in numbers
    )
    return f'<div class="pictures">{"".join(cards)}</div>'


def _calls(calls: list[Call]) -> str:
    if not calls:
        return '<p class="muted">Nobody has called yet.</p>'
    rows = (
        (
            call.number,
            call.at[11:19],
            call.operation,
            f"…{call.key_tail}",
            call.fault or "",
            call.status,
            call.seconds,
            call.prompt_start,
        )
        for call in reversed(calls)
    )
    return table(("No.", "At (UTC)", "Call", "Key", "Fault", "Status", "Seconds", "Prompt"), rows)


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Rows of anything, escaped; what is long may break."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f'<td class="words">{escape(text)}</td>' if len(text) > 30 else f"<td>{escape(text)}</td>"
