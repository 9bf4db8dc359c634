"""The page where one plays a phone: who is there, their chat with the bot, and orders for trouble."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from string import Template

from nproxy_sandbox.control import Control
from nproxy_sandbox.page import look, table
from nproxy_sandbox.telegram.chats import Bubble, Chat, Person, Switchboard
from nproxy_sandbox.telegram.faults import SAYS
from nproxy_sandbox.telegram.methods import USERNAME

CALLS_SHOWN = 30
OPERATIONS = {
    "*": "every call",
    "getupdates": "getUpdates",
    "sendmessage": "sendMessage",
    "editmessagetext": "editMessageText",
    "answercallbackquery": "answerCallbackQuery",
    "getme": "getMe",
    "setmycommands": "setMyCommands",
    "deletewebhook": "deleteWebhook",
}


def phone(board: Switchboard, person: Person, control: Control, origin: str, token: str) -> str:
    """GET /phones/{person}."""
    folder = files(__package__)
    with board.lock:
        chat = board.chat(person.id)
        return Template(folder.joinpath("phone.html").read_text("utf-8")).substitute(
            style=look() + folder.joinpath("phone.css").read_text("utf-8"),
            origin=escape(origin),
            token=escape(token),
            person=person.id,
            name=escape(person.name),
            initial=escape(person.name[:1]),
            username=USERNAME,
            revision=chat.revision,
            people=_people(board.people.values(), person),
            conversation=conversation(chat, person),
            commands=_commands(board),
            block="" if person.has_blocked else "1",
            block_words="Unblock the bot" if person.has_blocked else "Block the bot",
            faults=_options({name: f"{name}: {says}" for name, says in sorted(SAYS.items())}),
            operations=_options(OPERATIONS),
            orders=_orders(control),
            calls=_calls(control),
        )


def conversation(chat: Chat, person: Person) -> str:
    """What the screen shows: bubbles with their buttons, and the answer to the last tap."""
    toast = f'<p class="toast" role="status">{escape(person.toast)}</p>' if person.toast else ""
    if not chat.bubbles:
        return toast + (
            '<div class="nothing"><p>Nothing here yet.</p>'
            f'<form method="post" action="/phones/{person.id}/say">'
            '<button class="main" name="text" value="/start">Start</button></form></div>'
        )
    return toast + "".join(_bubble(each, person) for each in chat.bubbles)


def _bubble(bubble: Bubble, person: Person) -> str:
    side = "theirs" if bubble.sender is None else "mine"
    edited = "edited " if bubble.edited_at is not None else ""
    at = datetime.fromtimestamp(bubble.sent_at, UTC).strftime("%H:%M")
    silent = "" if bubble.sound else " · silent"
    words = bubble.said.html.replace("\n", "<br>")
    rows = "".join(
        '<div class="row">'
        + "".join(
            f'<button name="data" value="{escape(button.get("callback_data", ""))}">{escape(button["text"])}</button>'
            for button in row
        )
        + "</div>"
        for row in bubble.keyboard
    )
    keyboard = (
        f'<form method="post" action="/phones/{person.id}/tap">'
        f'<input type="hidden" name="message" value="{bubble.number}">{rows}</form>'
        if rows
        else ""
    )
    return (
        f'<article class="{side}" id="m{bubble.number}"><div class="bubble">{words}'
        f"<small>{edited}{at}{silent}</small></div>{keyboard}</article>"
    )


def _people(people: Iterable[Person], shown: Person) -> str:
    return "".join(
        f'<a href="/phones/{one.id}"{" aria-current=page" if one is shown else ""}>'
        f"<b>{escape(one.name[:1])}</b><span>{escape(one.name)}"
        f"<small>{'has blocked the bot' if one.has_blocked else escape(one.username and f'@{one.username}') or one.id}"
        "</small></span></a>"
        for one in people
    )


def _commands(board: Switchboard) -> str:
    return "".join(
        f'<button name="text" value="/{escape(each["command"])}" title="{escape(each.get("description", ""))}">'
        f"/{escape(each['command'])}</button>"
        for each in board.commands
    )


def _options(names: dict[str, str]) -> str:
    return "".join(f'<option value="{escape(name)}">{escape(says)}</option>' for name, says in names.items())


def _orders(control: Control) -> str:
    orders = control.orders()
    rows = [
        (each["fault"], OPERATIONS.get(str(each["key"]), each["key"]), each["times"] or "always")
        for each in orders
    ]
    return table(("Trouble", "On", "Times"), rows) if rows else '<p class="muted">No trouble is ordered.</p>'


def _calls(control: Control) -> str:
    rows = [
        (
            call.number,
            call.at[11:19],
            OPERATIONS.get(call.operation, call.operation),
            call.fault or "",
            call.status or "waits",
        )
        for call in reversed(control.calls()[-CALLS_SHOWN:])
    ]
    return (
        table(("No.", "At (UTC)", "Call", "Trouble", "Status"), rows)
        if rows
        else ('<p class="muted">The bot has not called yet. Is <code>nproxy bot</code> running?</p>')
    )
