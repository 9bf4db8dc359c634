"""A person, and short words for what operators and payments do to their cycles."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from nproxy.accounts.models import User
from nproxy.audit.rules import Actor
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions.models import Cycle

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Subscriber:
    """Someone whose cycles are granted and paid for. Months start at NOW unless said otherwise."""

    def __init__(self) -> None:
        self.email = f"{uuid4().hex}@example.com"
        self.id = User.objects.create_user(self.email).pk
        self.actor = Actor(kind="person", id=str(self.id), name=self.email)

    def pays(self, now: datetime = NOW, limit: int = 10) -> Cycle:
        return Cycle.objects.get(pk=subscriptions.activate(user_id=self.id, limit=limit, now=now))

    def is_granted(self, months: int, now: datetime = NOW, limit: int = 10) -> Cycle:
        pk = subscriptions.grant(
            user_id=self.id, months=months, limit=limit, reason="a gift", actor=self.actor, now=now
        )
        return Cycle.objects.get(pk=pk)

    def starts_now(self, now: datetime) -> Cycle:
        return Cycle.objects.get(pk=subscriptions.start_now(user_id=self.id, actor=self.actor, now=now))

    def is_extended(self, days: int, now: datetime) -> datetime:
        return subscriptions.extend(user_id=self.id, days=days, reason="an outage", actor=self.actor, now=now)

    def is_suspended(self, now: datetime = NOW) -> None:
        subscriptions.suspend(user_id=self.id, reason="a check", actor=self.actor, now=now)

    def is_resumed(self, now: datetime = NOW) -> None:
        subscriptions.resume(user_id=self.id, reason="all is well", actor=self.actor, now=now)

    def cycles(self) -> list[Cycle]:
        return list(Cycle.objects.filter(user_id=self.id).order_by("starts_at"))


@pytest.fixture
def subscriber(db: None) -> Subscriber:
    return Subscriber()
