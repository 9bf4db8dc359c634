"""What a paired admin's tap does: another screen in the same place, a question, a deed, or quiet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction

from nproxy.audit import actions as audit
from nproxy.bot.deeds import DEEDS, REFUSALS
from nproxy.bot.screens import SCREENS, show
from nproxy.bot.screens.screen import Screen
from nproxy.notifications import actions as notifications
from nproxy.notifications import queries as news
from nproxy.providers import queries as providers
from nproxy.telegram import actions as telegram
from nproxy.telegram.actions import Visitor
from nproxy.telegram.queries import AdminView
from nproxy.telegram.rules.asking import Answer
from nproxy.telegram.rules.menu import button

log = structlog.get_logger(__name__)

VERB_LENGTH = 16
ONLY_LOOKS = "You may look, not act."
WORDS = {
    Answer.NOT_YOURS: "That question was not put to you.",
    Answer.USED: "That was answered already.",
    Answer.TOO_LATE: "That was more than a minute ago. Ask again.",
    Answer.CHANGED: "Things have changed meanwhile. Look again.",
}
# Where the details of an incident are, and what its one useful act is.
ACTS = {"keys.cooldown": "test", "keys.low_balance": "balance"}


@dataclass(frozen=True, slots=True)
class Tap:
    """A button under the message `number`: its verb, and what follows that."""

    number: int
    verb: str
    argument: str


def tapped(admin: AdminView, visitor: Visitor, tap: Tap, told: str, now: datetime) -> str:
    """Do it, in the caller's transaction; the words to show for a moment. `told` is what `outside` has learnt."""
    if tap.verb in SCREENS:
        return _put(admin, tap, show(tap.verb, admin, tap.argument, now), now)
    if tap.verb == "more":
        return _details(admin, tap, now)
    if not admin.may_act:
        after: dict[str, object] = {"act": tap.verb[:VERB_LENGTH], "because": ONLY_LOOKS}
        actor, target = telegram.actor_of(visitor), ("telegram_admin", admin.id)
        audit.record(actor=actor, action="act.refused", target=target, now=now, before=None, after=after)
        return ONLY_LOOKS
    return _act(admin, visitor, tap, told, now)


def _act(admin: AdminView, visitor: Visitor, tap: Tap, told: str, now: datetime) -> str:
    """What only operators may."""
    match tap.verb:
        case "test" | "balance":
            return _learnt(admin, tap, tap.argument, told, now)
        case "fix":
            return _fix(admin, tap, told, now)
        case "ask":
            deed, _, target = tap.argument.partition(":")
            return _ask(admin, tap, deed, target, now)
        case "do":
            return _do(admin, visitor, tap, now)
        case "hush":
            return _hush(admin, visitor, tap.argument, now)
    log.warning("telegram.unknown_button", admin=admin.id, verb=tap.verb[:VERB_LENGTH])
    return "I do not know that button any more."


def key_of(incident_id: str) -> tuple[str, int] | None:
    """The kind of an incident, and the id of the key that it is about."""
    kind, subject = _about(incident_id)
    key_id = providers.key_ids().get(subject) if kind.startswith("keys.") else None
    return (kind, key_id) if key_id is not None else None


def _about(incident_id: str) -> tuple[str, str]:
    """An incident's kind and subject; empty where there is no such incident."""
    found = news.incident(int(incident_id)) if incident_id.isdecimal() else None
    return (found.standing.kind, found.standing.subject) if found else ("", "")


def _put(admin: AdminView, tap: Tap, screen: Screen, now: datetime, toast: str = "") -> str:
    telegram.show(
        chat_id=admin.telegram_id, number=tap.number, text=screen.text, keyboard=screen.keyboard, now=now
    )
    return toast


def _details(admin: AdminView, tap: Tap, now: datetime) -> str:
    found = key_of(tap.argument)
    if found is not None:
        return _put(admin, tap, show("key", admin, str(found[1]), now), now)
    kind, subject = _about(tap.argument)
    if kind.startswith("people."):
        return _put(admin, tap, show("user", admin, subject, now), now)
    verb = next((verb for head, verb in _PLACES if kind.startswith(head)), "health")
    return _put(admin, tap, show(verb, admin, "", now), now)


_PLACES = (
    ("keys.pool", "pool"),
    ("keys.", "fails"),
    ("proxies.", "proxies"),
    ("payment.in_review", "reviews"),
    ("payment", "pays"),
    ("generations.", "fails"),
)


def _learnt(admin: AdminView, tap: Tap, key: str, told: str, now: datetime) -> str:
    seen = show("key", admin, key, now)
    return _put(admin, tap, Screen(f"{seen.text}\n\n{told}", seen.keyboard), now)


def _fix(admin: AdminView, tap: Tap, told: str, now: datetime) -> str:
    kind, subject = _about(tap.argument)
    if kind.startswith("people."):
        return _ask(admin, tap, "user.unpause", subject, now)
    found = key_of(tap.argument)
    if found is None:
        return "This key is gone."
    key_id = found[1]
    if kind in ACTS:
        return _learnt(admin, tap, str(key_id), told, now)
    return _ask(admin, tap, "key.activate", str(key_id), now)


def _ask(admin: AdminView, tap: Tap, name: str, target: str, now: datetime) -> str:
    deed = DEEDS.get(name)
    question = deed.asks(target, now) if deed and target.partition("-")[0].isdigit() else ""
    if deed is None or not question:
        return "There is nothing to do that to any more."
    token = telegram.ask(
        admin_id=admin.id, deed=name, target=target, version=deed.version(target, now), now=now
    )
    keyboard = [[button(deed.yes, f"do:{token}")], [button("No", deed.back(target))]]
    return _put(admin, tap, Screen(question, keyboard), now)


def _do(admin: AdminView, visitor: Visitor, tap: Tap, now: datetime) -> str:
    settled = telegram.settle(
        token=tap.argument,
        admin_id=admin.id,
        version=lambda name, target: DEEDS[name].version(target, now),
        now=now,
    )
    if settled.answer is not Answer.GO:
        return WORDS[settled.answer]
    deed = DEEDS[settled.deed]
    try:
        with transaction.atomic():
            said = deed.do(settled.target, telegram.actor_of(visitor), now)
    except tuple(REFUSALS) as refusal:
        said = REFUSALS[type(refusal)]
    verb, _, argument = deed.back(settled.target).partition(":")
    return _put(admin, tap, show(verb, admin, argument, now), now, toast=said)


def _hush(admin: AdminView, visitor: Visitor, argument: str, now: datetime) -> str:
    hushed = notifications.hush(incident_id=int(argument), now=now) if argument.isdigit() else None
    if hushed is None:
        return "It is over already."
    audit.record(
        actor=telegram.actor_of(visitor),
        action="incident.hushed",
        target=("incident", argument),
        now=now,
        before={"hushed_until": hushed.before and hushed.before.isoformat()},
        after={"hushed_until": hushed.until.isoformat()},
    )
    return "Quiet for four hours, unless it gets worse."
