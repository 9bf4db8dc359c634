"""The words of the mails about cycles."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from nproxy.kit.addresses import full
from nproxy.notifications.rules import Button, Letter
from nproxy.subscriptions.rules import Reminder


def silencing_address(token: str) -> str:
    """Where one click switches reminders off."""
    return full(f"/billing/reminders/off/{token}/")


def reminder(due: Reminder, ends_at: datetime, silence: str) -> Letter:
    """What we write before a cycle ends at `ends_at`, when it has ended, and once afterwards."""
    moment = date_format(ends_at, "j E Y, H:i") + " UTC"
    subject, lines = _AFTER[due](moment) if due in _AFTER else _before(due, moment)
    return Letter(
        subject=subject,
        lines=lines,
        button=Button(_("Renew"), full("/billing/")),
        notes=(
            _("Nothing renews by itself, and nothing is charged unless you pay."),
            _("You get this because your plan ends. No more of these: %(address)s") % {"address": silence},
        ),
    )


def _before(due: Reminder, moment: str) -> tuple[str, tuple[str, ...]]:
    subjects = {
        Reminder.WEEK_BEFORE: _("Your plan ends in a week"),
        Reminder.DAYS_BEFORE: _("Your plan ends in three days"),
        Reminder.DAY_BEFORE: _("Your plan ends tomorrow"),
    }
    return subjects[due], (
        _("Your plan runs until %(moment)s.") % {"moment": moment},
        _("If you renew before, the next month starts when this one ends: no day is lost."),
    )


def _ended(moment: str) -> tuple[str, tuple[str, ...]]:
    return _("Your plan has ended"), (
        _("Your plan ended on %(moment)s.") % {"moment": moment},
        _(
            "Your conversations and pictures stay, to look at and to download. Drawing starts again when you renew."
        ),
    )


def _afterwards(moment: str) -> tuple[str, tuple[str, ...]]:
    return _("Your pictures are still here"), (
        _("Your plan ended on %(moment)s. Everything you made is where you left it.") % {"moment": moment},
        _("If you want to go on drawing, one payment is one more month. We will not write about this again."),
    )


_AFTER = {Reminder.ENDED: _ended, Reminder.AFTERWARDS: _afterwards}
