"""Reminders: the right one, once, and to nobody who does not want it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.rooms.subscriptions.conftest import NOW, Subscriber

from nproxy.accounts.models import User
from nproxy.notifications import run
from nproxy.notifications.models import Mail
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries

END = datetime(2026, 2, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def remind(now: datetime) -> list[str]:
    """What is owed by then, and was not before."""
    before = set(Mail.objects.values_list("pk", flat=True))
    subscriptions.send_reminders(now=now)
    return list(Mail.objects.exclude(pk__in=before).values_list("subject", flat=True))


def test_five_reminders_come_around_an_end_each_once(subscriber: Subscriber) -> None:
    subscriber.pays()
    hours = (END - 8 * DAY + HOUR * number for number in range(24 * 25))
    told = [(subject, (moment - END) / DAY) for moment in hours for subject in remind(moment)]
    assert told == [
        ("Your plan ends in a week", -7),
        ("Your plan ends in three days", -3),
        ("Your plan ends tomorrow", -1),
        ("Your plan has ended", 0),
        ("Your pictures are still here", 3),
    ]


def test_after_an_outage_only_the_newest_reminder_is_sent(subscriber: Subscriber) -> None:
    subscriber.pays()
    assert remind(END - HOUR) == ["Your plan ends tomorrow"]
    assert remind(END + 4 * DAY) == ["Your pictures are still here"]


def test_an_end_of_long_ago_is_no_news(subscriber: Subscriber) -> None:
    subscriber.pays()
    assert remind(END + 30 * DAY) == []


def test_nobody_is_reminded_once_the_next_month_is_paid(subscriber: Subscriber) -> None:
    subscriber.pays()
    subscriber.pays(END - 6 * DAY)
    assert remind(END - DAY) == []
    assert remind(END + HOUR) == []


def test_nobody_is_called_back_who_came_back_by_themselves(subscriber: Subscriber) -> None:
    subscriber.pays()
    subscriber.pays(END + DAY)
    assert remind(END + 3 * DAY) == []


def test_reminders_can_be_switched_off_and_on(subscriber: Subscriber) -> None:
    subscriber.pays()
    assert queries.wants_reminders(subscriber.id)
    for _ in range(2):
        subscriptions.set_reminders(user_id=subscriber.id, wanted=False, now=NOW)
    assert not queries.wants_reminders(subscriber.id)
    assert remind(END - 7 * DAY) == []
    subscriptions.set_reminders(user_id=subscriber.id, wanted=True, now=NOW)
    assert remind(END - 3 * DAY) == ["Your plan ends in three days"]


def test_the_suspended_and_the_blocked_are_left_alone(subscriber: Subscriber) -> None:
    subscriber.pays()
    subscriber.is_suspended()
    assert remind(END - 7 * DAY) == []
    subscriber.is_resumed()
    User.objects.filter(pk=subscriber.id).update(is_active=False)
    assert remind(END - 3 * DAY) == []


def test_a_reminder_can_be_ended_with_one_click(subscriber: Subscriber) -> None:
    subscriber.pays()
    remind(END - 7 * DAY)
    mail = Mail.objects.get(recipient=subscriber.email)
    headers = run.letter(mail, END).message()
    assert headers["List-Unsubscribe"] == f"<{mail.unsubscribe}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.unsubscribe in mail.text
    token = mail.unsubscribe.rstrip("/").rpartition("/")[2]
    assert queries.silenced_by(token) == subscriber.id


@pytest.mark.parametrize("forged", ["", "1", "1:AAAA", "x:y:z"])
def test_a_forged_link_silences_nobody(forged: str) -> None:
    assert queries.silenced_by(forged) is None
