"""Operators at their pages: signed in, with the second factor proven."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from tests.doors.staff.seats import PASSWORD, Seat

from nproxy.accounts.models import User


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
