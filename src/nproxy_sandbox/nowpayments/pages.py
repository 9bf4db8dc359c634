"""The pages: all payments with the processor's settings, and one payment with its payer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from importlib.resources import files
from string import Template

from nproxy_sandbox.nowpayments import shapes
from nproxy_sandbox.nowpayments.book import Book
from nproxy_sandbox.nowpayments.coins import COINS
from nproxy_sandbox.nowpayments.faults import SAYS
from nproxy_sandbox.nowpayments.forms import FORMS
from nproxy_sandbox.nowpayments.javascript import stringify
from nproxy_sandbox.nowpayments.ladder import badge, ladder
from nproxy_sandbox.nowpayments.payment import EXPIRED, FINISHED, PARTIALLY_PAID, WRONG_ASSET, Payment
from nproxy_sandbox.nowpayments.post import Letter
from nproxy_sandbox.nowpayments.till import DEEDS, Till
from nproxy_sandbox.page import look, table

SHOWN = 30
REFRESH_SECONDS = 2
TAIL = 12
OPERATIONS = {"*": "every call", "create": "create", "fetch": "read", "coins": "coins", "minimum": "minimum"}
ENDS = (FINISHED, PARTIALLY_PAID, WRONG_ASSET)


def index(till: Till, origin: str) -> str:
    """GET /."""
    with till.up_to_date() as now:
        book, manners = till.book, till.post.manners
        return _page(
            "index.html",
            moving=any(book.is_moving(each.number) for each in _first(book.newest_first())),
            title="Sandbox NOWPayments",
            origin=escape(origin),
            clock=_clock(now),
            speed=_speed(till),
            pace=f"{till.clock.pace:g}",
            payments=_payments(book),
            delay=f"{manners.delay:g}",
            copies=manners.copies,
            lost=manners.lost,
            backwards="checked" if manners.backwards else "",
            forms=_options({name: form.says for name, form in FORMS.items()}, manners.form),
            faults=_options(dict(sorted(SAYS.items())), ""),
            operations=_options(OPERATIONS, "*", explained=False),
            orders=_orders(till),
            covering=f"{book.covering:f}",
            repeated=_options(dict.fromkeys(ENDS[:2], ""), book.repeated_is),
            wrong=_options(dict.fromkeys(ENDS, ""), book.wrong_coin_is),
            letters=_letters(till.letters()),
            calls=_calls(till),
        )


def payment(till: Till, number: int) -> str:
    """GET /payments/{number}. Raises UnknownPayment."""
    with till.up_to_date() as now:
        found = till.book.find(number)
        moves = till.book.is_moving(number)
        letters = [letter for letter in till.letters() if letter.payment == number]
        return _page(
            "payment.html",
            moving=moves or any(not letter.is_settled and not letter.answers for letter in letters),
            title=f"Payment {number}",
            number=number,
            clock=_clock(now),
            speed=_speed(till),
            amount=f"{found.asked:f} {found.coin.ticker.upper()}",
            coin=escape(found.coin.name),
            network=found.coin.network,
            price=f"{found.wanted.price:.2f} USD",
            order=escape(found.wanted.order_id or "none"),
            address=escape(found.address),
            memo=f"<dt>Memo</dt><dd><code>{found.memo}</code></dd>" if found.memo else "",
            arrived=f"{found.paid:f} {found.coin.ticker.upper()}" if found.has_money else "nothing",
            quote_until=_clock(found.quote_until),
            valid_until=f"{found.valid_until:%d %b} {_clock(found.valid_until)}",
            relatives=_relatives(till.book, found),
            ladder=ladder(found),
            skip="" if moves else "hidden",
            deeds=_deeds(),
            coins=_options(
                {coin.code: coin.name for coin in COINS.values()}, found.coin.code, explained=False
            ),
            dashboard=_dashboard(found),
            forms=_options({name: form.says for name, form in FORMS.items()}, till.post.manners.form),
            letters=_letters(letters),
            raw=escape(json.dumps(json.loads(stringify(shapes.read(found))), indent=2, ensure_ascii=False)),
        )


def _page(name: str, *, moving: bool, **values: object) -> str:
    folder = files(__package__)
    style = look() + folder.joinpath("payments.css").read_text("utf-8")
    refresh = f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">' if moving else ""
    template = Template(folder.joinpath(name).read_text("utf-8"))
    return template.substitute(style=style, refresh=refresh, **values)


def _first(payments: Iterable[Payment]) -> list[Payment]:
    return [each for each, _ in zip(payments, range(SHOWN), strict=False)]


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}"


def _speed(till: Till) -> str:
    return (
        "real speed"
        if till.clock.pace == 1
        else f"{till.clock.pace:g} times the real speed, deadlines excepted"
    )


def _options(names: Mapping[str, str], chosen: str, *, explained: bool = True) -> str:
    def option(name: str, says: str) -> str:
        words = f"{name.replace('_', ' ')}: {says}" if explained and says else says or name.replace("_", " ")
        mark = " selected" if name == chosen else ""
        return f'<option value="{escape(name)}"{mark}>{escape(words)}</option>'

    return "".join(option(name, says) for name, says in names.items())


def _payments(book: Book) -> str:
    rows = "".join(
        f'<tr><td><a href="/payments/{each.number}">{each.number}</a></td><td>{badge(each.status)}</td>'
        f"<td>{each.asked:f} {each.coin.ticker.upper()}<br><small>{escape(each.coin.name)}</small></td>"
        f"<td>{f'{each.paid:f}' if each.has_money else '–'}</td><td>{each.wanted.price:.2f} USD</td>"
        f"<td><small>{escape(_tail(each.wanted.order_id))}</small></td><td>{_clock(each.created_at)}</td></tr>"
        for each in _first(book.newest_first())
    )
    if not rows:
        return (
            '<p class="empty">Nobody has asked for a payment yet. Start a checkout, and it appears here.</p>'
        )
    heads = ("Payment", "Status", "Asked", "Arrived", "Price", "Order", "Made (UTC)")
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f'<div class="wide"><table><tr>{head}</tr>{rows}</table></div>'


def _tail(order_id: str | None) -> str:
    """What tells orders apart: ids that are made in a row begin alike."""
    return "" if order_id is None else order_id if len(order_id) <= TAIL else f"…{order_id[-TAIL:]}"


def _relatives(book: Book, found: Payment) -> str:
    """Links to the payment that this one followed, and to those that followed this one."""
    lines = []
    if found.parent is not None:
        lines.append(f"Money that came to the address of {_link(book, found.parent)}.")
    if found.children:
        lines.append(f"More money came: {', '.join(_link(book, child) for child in found.children)}.")
    return f'<p class="note">{" ".join(lines)}</p>' if lines else ""


def _link(book: Book, number: int) -> str:
    return f'<a href="/payments/{number}">{number}</a> {badge(book.find(number).status)}'


def _deeds() -> str:
    return "".join(
        f'<button name="deed" value="{name}"{" class=main" if name == "exactly" else ""}>'
        f"<b>{name.replace('_', ' ').capitalize()}</b><span>{escape(deed.says)}</span></button>"
        for name, deed in DEEDS.items()
    )


def _dashboard(found: Payment) -> str:
    names = {
        EXPIRED: "Let it expire",
        "failed": "Fail it",
        FINISHED: "Finish it as it is",
        "refunded": "Refund it",
        "cancelled": "Cancel it",
    }
    return "".join(
        f'<button name="status" value="{status}"{" disabled" if status == found.status else ""}>{words}</button>'
        for status, words in names.items()
    )


def _letters(letters: list[Letter]) -> str:
    if not letters:
        return '<p class="empty">None yet.</p>'
    rows = (
        (
            letter.number,
            _clock(letter.written_at),
            letter.payment,
            letter.status.replace("_", " "),
            letter.form.replace("_", " "),
            "lost on purpose" if letter.is_lost else ", ".join(letter.answers) or "on its way",
        )
        for letter in reversed(letters[-SHOWN:])
    )
    return table(("No.", "At (UTC)", "Payment", "Status", "Body", "Answers"), rows)


def _orders(till: Till) -> str:
    orders = till.control.orders()
    if not orders:
        return ""
    rows = (
        (order["fault"], OPERATIONS.get(str(order["key"]), order["key"]), order["times"] or "always")
        for order in orders
    )
    return table(("Trouble", "On", "Times"), rows)


def _calls(till: Till) -> str:
    calls = till.control.calls()
    if not calls:
        return '<p class="empty">Nobody has called yet.</p>'
    rows = (
        (call.number, call.at[11:19], call.operation, f"…{call.key_tail}", call.fault or "", call.status)
        for call in reversed(calls[-SHOWN:])
    )
    return table(("No.", "At (UTC)", "Call", "Key", "Trouble", "Status"), rows)
