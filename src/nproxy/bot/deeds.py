"""What may be changed from the chat: each is asked once more, done by a verb of a room, and audited as the admin.

Money is not among it: payments are decided about in the web admin and on the server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape

from nproxy.accounts import queries as people
from nproxy.audit.rules import Actor
from nproxy.bot.screens import keys
from nproxy.generations import actions as generations
from nproxy.generations import queries as drawing
from nproxy.providers import actions as providers
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries as access
from nproxy.telegram.rules.asking import version_of

REASON = "from the Telegram bot"


@dataclass(frozen=True, slots=True)
class Deed:
    """`asks` is the question (empty: there is nothing to do it to), `yes` the button, `back` the screen after it.

    `do` answers with what was done; what the rooms refuse is put into words by `REFUSALS`.
    """

    asks: Callable[[str, datetime], str]
    yes: str
    back: Callable[[str], str]
    version: Callable[[str, datetime], str]
    do: Callable[[str, Actor, datetime], str]


REFUSALS: dict[type[Exception], str] = {
    providers.UnknownKey: "This key is gone.",
    providers.AlreadyActive: "It is in service already.",
    providers.AlreadyDisabled: "It is disabled already.",
    subscriptions.NothingRuns: "No cycle runs that could be made longer.",
    subscriptions.AlreadySuspended: "They are suspended already.",
    subscriptions.NotSuspended: "They are not suspended.",
    generations.NotPossible: "They are not paused.",
}


def _key_question(words: str) -> Callable[[str, datetime], str]:
    def asks(target: str, now: datetime) -> str:
        found = keys.find(target, now)
        return words.format(name=escape(found.label)) if found else ""

    return asks


def _key_version(target: str, now: datetime) -> str:
    found = keys.find(target, now)
    return version_of(
        *((found.status, found.status_reason, found.cooldown_until, found.failures) if found else ())
    )


def _activate(target: str, actor: Actor, now: datetime) -> str:
    providers.activate(key_id=int(target), reason=REASON, actor=actor, now=now)
    return "Returned to service."


def _disable(target: str, actor: Actor, now: datetime) -> str:
    providers.disable(key_id=int(target), reason=REASON, actor=actor, now=now)
    return "Disabled."


def _whom(target: str) -> int:
    return int(target.partition("-")[0])


def _days(target: str) -> int:
    return int(target.partition("-")[2])


def _person_question(words: str) -> Callable[[str, datetime], str]:
    def asks(target: str, now: datetime) -> str:
        found = people.person(_whom(target))
        days = target.partition("-")[2]
        return words.format(name=escape(found.email), days=days) if found else ""

    return asks


def _person_version(target: str, now: datetime) -> str:
    """Not the quota: a person who draws on changes it all the time, and it is nothing these deeds touch."""
    found = access.subscription(_whom(target), now)
    return version_of(found.state, found.ends_at, found.queued)


def _extend(target: str, actor: Actor, now: datetime) -> str:
    ends = subscriptions.extend(
        user_id=_whom(target), days=_days(target), reason=REASON, actor=actor, now=now
    )
    return f"Extended, to {ends:%-d %b %Y %H:%M} UTC."


def _suspend(target: str, actor: Actor, now: datetime) -> str:
    canceled = generations.suspend(user_id=_whom(target), reason=REASON, actor=actor, now=now)
    return f"Suspended; {canceled} in line canceled."


def _resume(target: str, actor: Actor, now: datetime) -> str:
    subscriptions.resume(user_id=_whom(target), reason=REASON, actor=actor, now=now)
    return "Access is given back."


def _pause_question(target: str, now: datetime) -> str:
    asks = _person_question(
        "Let <b>{name}</b> draw again at once? It takes twenty more refusals to pause them anew."
    )
    return asks(target, now) if drawing.paused_until(_whom(target), now) else ""


def _pause_version(target: str, now: datetime) -> str:
    return version_of(drawing.paused_until(_whom(target), now))


def _unpause(target: str, actor: Actor, now: datetime) -> str:
    generations.end_pause(user_id=_whom(target), reason=REASON, actor=actor, now=now)
    return "They may draw again."


def _to_key(target: str) -> str:
    return f"key:{target}"


def _to_person(target: str) -> str:
    return f"user:{_whom(target)}"


DEEDS = {
    "key.activate": Deed(
        _key_question("Return <b>{name}</b> to service, with its failures forgotten?"),
        "Yes, return it",
        _to_key,
        _key_version,
        _activate,
    ),
    "key.disable": Deed(
        _key_question("Take <b>{name}</b> out of service? What it draws now, it finishes."),
        "Yes, disable it",
        _to_key,
        _key_version,
        _disable,
    ),
    "user.extend": Deed(
        _person_question("Give <b>{name}</b> {days} more days?"),
        "Yes, extend",
        _to_person,
        _person_version,
        _extend,
    ),
    "user.suspend": Deed(
        _person_question("Take access from <b>{name}</b>? What is in line is canceled."),
        "Yes, suspend",
        _to_person,
        _person_version,
        _suspend,
    ),
    "user.resume": Deed(
        _person_question("Give <b>{name}</b> access again?"),
        "Yes, resume",
        _to_person,
        _person_version,
        _resume,
    ),
    "user.unpause": Deed(
        _pause_question,
        "Yes, end the pause",
        _to_person,
        _pause_version,
        _unpause,
    ),
}
