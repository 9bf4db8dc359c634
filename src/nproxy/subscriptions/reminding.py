"""Reminders: whose cycle ends or has ended, and the mail about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef

from nproxy.accounts import queries as people
from nproxy.kit.languages import spoken
from nproxy.notifications import actions as notifications
from nproxy.subscriptions import letters, queries
from nproxy.subscriptions.models import Cycle, Silence, Suspension
from nproxy.subscriptions.rules import LAST_REMINDER_WITHIN, Reminder, reminder_due


def candidates(now: datetime) -> Iterator[Cycle]:
    """Cycles about to end or just over, behind which nothing is paid, of people who want to hear of it."""
    person = {"user_id": OuterRef("user_id")}
    near = Cycle.objects.filter(
        starts_at__lte=now,
        ends_at__gt=now - LAST_REMINDER_WITHIN,
        ends_at__lte=now - Reminder.WEEK_BEFORE.value,
    )
    return near.exclude(
        Exists(Cycle.objects.filter(starts_at__gte=OuterRef("ends_at"), **person))
        | Exists(Silence.objects.filter(**person))
        | Exists(Suspension.objects.filter(ended_at=None, **person))
    ).iterator()


def remind(cycle: Cycle, now: datetime) -> bool:
    """Owe the reminder that is due for this cycle; False when it was owed before, or its person is blocked."""
    due = reminder_due(cycle.ends_at, now)
    person = people.person(cycle.user_id)
    if due is None or person is None or not person.is_active:
        return False
    silence = letters.silencing_address(queries.silencing_token(cycle.user_id))
    with spoken(people.language_of(cycle.user_id)):
        return notifications.send_letter(
            key=f"reminder:{cycle.pk}:{due.name.lower()}",
            kind="reminder",
            recipient=person.email,
            letter=letters.reminder(due, cycle.ends_at, silence),
            unsubscribe=silence,
            now=now,
        )
