"""What the queue may run here."""

from __future__ import annotations

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from nproxy.notifications import rules, run


@app.task(
    name="notifications.deliver", queue="chores", retry=RetryStrategy(exponential_wait=rules.WAIT_GROWTH)
)
def deliver(mail_id: int) -> None:
    run.deliver(mail_id, timezone.now())
