"""A pause that the product gave, ended by an operator."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.doors.staff.seats import Seat, address, recorded

from nproxy.accounts.models import User
from nproxy.generations.models import Pause
from nproxy.generations.queries import paused_until


@pytest.fixture
def paused(stranger: User) -> User:
    now = timezone.now()
    Pause.objects.create(user=stranger, since=now, until=now + timedelta(hours=1), refusals=20)
    return stranger


def test_an_operator_ends_a_pause_with_a_reason_once(operator: Seat, paused: User) -> None:
    act = address(User, paused.pk, "unpause")
    assert "/act/unpause/" in operator.opens(address(User, paused.pk))
    assert f"{paused.email} may draw again." in operator.acts(act, reason="spoken to").content.decode()
    assert paused_until(paused.pk, timezone.now()) is None
    assert recorded("user", paused.pk)[0].reason == "spoken to"
    assert "/act/unpause/" not in operator.opens(address(User, paused.pk))
    assert "They are not paused." in operator.acts(act, reason="again").content.decode()


def test_a_viewer_ends_no_pause_by_hand(viewer: Seat, paused: User) -> None:
    forged = {"reason": "mine"}
    assert viewer.client.post(address(User, paused.pk, "unpause"), forged).status_code == 403
    assert paused_until(paused.pk, timezone.now()) is not None
