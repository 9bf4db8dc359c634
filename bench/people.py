"""People who may draw as much as a measurement wants, signed in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.conf import settings
from django.test import Client
from django.utils import timezone

from nproxy.accounts.models import User
from nproxy.audit.rules import SYSTEM
from nproxy.conversations import actions as conversations
from nproxy.providers import actions as providers
from nproxy.subscriptions import actions as subscriptions

SECRETS = [f"AQ.sandbox-ok-{number}" for number in range(4)]


@dataclass(frozen=True)
class Person:
    """Someone with an active cycle, an open conversation and a session cookie."""

    id: int
    conversation: UUID
    session: str


def make_person() -> Person:
    now = timezone.now()
    user = User.objects.create_user(f"{uuid4().hex}@example.com")
    subscriptions.grant(user_id=user.pk, limit=1_000_000, reason="bench", actor=SYSTEM, now=now)
    browser = Client()
    browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    conversation = conversations.open_conversation(user_id=user.pk, now=now)
    return Person(user.pk, conversation, browser.cookies[settings.SESSION_COOKIE_NAME].value)


def add_keys() -> None:
    """Keys that the stand-in draws for."""
    for secret in SECRETS:
        providers.add_key(provider="gemini", label=secret, secret=secret, actor=SYSTEM, now=timezone.now())
