"""Operators at their pages: signed in, with the second factor proven."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import timezone
from tests.doors.staff.seats import PASSWORD, PROMPT, Seat

from nproxy.accounts.models import User
from nproxy.conversations import actions as conversations
from nproxy.conversations.rules import Wish
from nproxy.generations import actions as generations


@pytest.fixture
def seat(db: None) -> Callable[[str], Seat]:
    """Make someone with this role, signed in."""

    def make(role: str) -> Seat:
        user = User.objects.create_user(
            f"{role or 'nobody'}-{uuid4().hex[:8]}@example.com", PASSWORD, role=role
        )
        TOTP.activate(user, generate_totp_secret())
        return Seat(user).signs_in()

    return make


@pytest.fixture
def owner(seat: Callable[[str], Seat]) -> Seat:
    return seat("owner")


@pytest.fixture
def operator(seat: Callable[[str], Seat]) -> Seat:
    return seat("operator")


@pytest.fixture
def viewer(seat: Callable[[str], Seat]) -> Seat:
    return seat("viewer")


@pytest.fixture
def wanted_by(store: None) -> Callable[[User], UUID]:
    """Put a generation of this person in line."""

    def want(person: User) -> UUID:
        conversation = conversations.open_conversation(user_id=person.pk, now=timezone.now())
        started = generations.start(
            user_id=person.pk,
            conversation_id=conversation,
            client_id=uuid4(),
            wish=Wish(PROMPT, "text_to_image", "1K", "1:1", "", 1, "nano_banana"),
            source_ids=(),
            now=timezone.now(),
        )
        return started.generations[0][0]

    return want
