"""What is true of accounts without asking anyone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

LONGEST_EMAIL = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
ROLES = ("owner", "operator", "viewer")


class Right(Enum):
    """What an operator may do beyond looking, which everyone with a role may."""

    OPERATE = "operate"  # keys, proxies, generations, people's accounts
    MONEY = "money"  # the plan, access, payments
    PRIVATE = "private"  # see people's prompts and pictures
    ROLES = "roles"  # say who is an operator


_RIGHTS = {
    "owner": frozenset(Right),
    "operator": frozenset(Right) - {Right.ROLES},
}


def may(role: str, right: Right) -> bool:
    """Whether someone with this role (empty: nobody special) has the right."""
    return right in _RIGHTS.get(role, frozenset())


def normal_email(email: str) -> str:
    """The one spelling under which an address is stored and looked up."""
    return email.strip().lower()


def tombstone(user_id: int) -> str:
    """The address of a deleted account: unique, and nowhere (RFC 2606)."""
    return f"deleted-{user_id}@deleted.invalid"


@dataclass(frozen=True, slots=True)
class Device:
    """What a browser says it is; empty where it says nothing that we know."""

    browser: str
    system: str


# The first that is named decides: many browsers also name those they are made from.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser", "Yandex"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device(user_agent: str) -> Device:
    """The browser and the system that a User-Agent header names, for people to recognise; never to decide by."""
    return Device(_named(user_agent, _BROWSERS), _named(user_agent, _SYSTEMS))


def _named(user_agent: str, table: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in table if mark in user_agent), "")
