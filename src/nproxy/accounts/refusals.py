"""Why an account is not as asked.

EmailTaken · InvalidEmail (EmailTooLong) · WeakPassword   creating, changing a password
UnknownPerson · UnknownRole · UnknownLanguage             pointing at what is not there
AlreadySo                                                 nothing to change
NotTheirs · LastOwner                                     changing a role
StillInCharge                                             deleting the account of someone with a role
"""

from __future__ import annotations

from collections.abc import Sequence


class EmailTaken(Exception):
    """Another account has this address."""


class InvalidEmail(Exception):
    """This is not an e-mail address."""


class EmailTooLong(InvalidEmail):
    """It has more than `rules.LONGEST_EMAIL` characters."""


class WeakPassword(Exception):
    """`reasons` says in words, for the person who typed it, what is wrong with the password."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


class UnknownPerson(Exception):
    """No account has this id."""


class UnknownRole(Exception):
    """Not one of `rules.ROLES`, and not empty."""


class UnknownLanguage(Exception):
    """Not one of `kit.languages.LANGUAGES`."""


class StillInCharge(Exception):
    """An account with a role runs the site; the role has to be given back first."""


class AlreadySo(Exception):
    """The account is as asked already."""


class NotTheirs(Exception):
    """Who asks is an operator, but no owner."""


class LastOwner(Exception):
    """No owner would be left who could sign in."""


class ShutOut(Exception):
    """The account is blocked or deleted: there is nothing to come back to."""


class MailedEnough(Exception):
    """As many of these mails as are allowed within a while have gone to this address."""
