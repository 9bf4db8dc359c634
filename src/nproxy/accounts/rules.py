"""What is true of accounts without asking anyone."""

from __future__ import annotations

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
