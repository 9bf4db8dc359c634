"""Generations as operators see them: why one failed, and what they may do and look at."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from tests.doors.staff.seats import PROMPT, Seat, address, recorded

from nproxy.accounts.models import User
from nproxy.audit.rules import SYSTEM
from nproxy.generations import lease
from nproxy.generations.models import Generation
from nproxy.providers import actions as providers
from nproxy.providers.models import Attempt


@pytest.fixture
def wanted(person: User, wanted_by: Callable[[User], UUID]) -> UUID:
    """A generation in line."""
    return wanted_by(person)


@pytest.fixture
def failed(wanted: UUID) -> UUID:
    """One that failed after two attempts."""
    now = timezone.now()
    key_id = providers.add_key(
        provider="gemini", label="north", secret="AQ.x-0123456789abcdef", actor=SYSTEM, now=now
    )
    held = lease.begin(wanted, now)
    assert held
    for number, verdict in enumerate(("rate_limited", "out_of_funds")):
        Attempt.objects.create(
            work=wanted,
            key_id=key_id,
            provider="gemini",
            started_at=now + timedelta(seconds=number),
            finished_at=now + timedelta(seconds=number + 1),
            verdict=verdict,
            http_status=429,
            detail=f"Quota of project {number} is exceeded",
        )
    lease.fail(held, "service_unavailable", now + timedelta(seconds=2))
    return wanted


def test_the_page_tells_why_it_failed_attempt_by_attempt(viewer: Seat, failed: UUID) -> None:
    page = viewer.opens(address(Generation, failed))
    assert "No key could draw it in time" in page
    assert page.index("Quota of project 0") < page.index("Quota of project 1")
    assert page.count("<rect") == 3  # in line, and each attempt
    assert "north" in page


@pytest.mark.parametrize("by", ["email", "id", "reference", "number"])
def test_a_generation_is_found_by_whatever_somebody_can_name(
    viewer: Seat, failed: UUID, person: User, by: str
) -> None:
    reference = Generation.objects.get(pk=failed).error_reference
    words = {"email": person.email[:12], "id": str(failed), "reference": reference, "number": str(person.pk)}
    found = viewer.opens(f"{address(Generation)}?q={words[by]}")
    assert address(Generation, failed) in found
    assert address(Generation, failed) not in viewer.opens(f"{address(Generation)}?q=nobody@example.org")


def test_the_list_is_filtered_by_error_and_by_key(viewer: Seat, failed: UUID) -> None:
    key_id = Attempt.objects.values_list("key_id", flat=True).first()
    for query, is_there in (
        ("error=service_unavailable", True),
        ("error=no_image", False),
        (f"key={key_id}", True),
        ("key=0", False),
        ("key=forged", True),
        ("status__exact=succeeded", False),
    ):
        assert (address(Generation, failed) in viewer.opens(f"{address(Generation)}?{query}")) is is_there, (
            query
        )


def test_an_operator_cancels_for_a_person_with_a_reason(operator: Seat, wanted: UUID) -> None:
    page = operator.acts(address(Generation, wanted, "cancel"), reason="on request").content.decode()
    assert "Nothing is charged" in page
    assert Generation.objects.get(pk=wanted).status == "canceled"
    [entry] = recorded("generation", wanted)
    assert (entry.action, entry.reason, entry.actor_name) == (
        "generation.canceled",
        "on request",
        operator.user.email,
    )


def test_an_operator_puts_a_failed_one_in_line_again(operator: Seat, failed: UUID) -> None:
    operator.acts(address(Generation, failed, "retry"), reason="keys are back")
    assert Generation.objects.get(pk=failed).status == "queued"
    assert recorded("generation", failed)[0].action == "generation.retried"


def test_two_operators_at_once_the_second_is_told(operator: Seat, owner: Seat, wanted: UUID) -> None:
    form = address(Generation, wanted, "cancel")
    seen = owner.sees(form)
    operator.acts(form, reason="first")
    page = owner.sends(form, seen, reason="second").content.decode()
    assert f"Status: queued → canceled (generation.canceled by {operator.user.email})" in page
    assert [entry.action for entry in recorded("generation", wanted)] == [
        "act.refused",
        "generation.canceled",
    ]


def test_several_are_canceled_at_once(operator: Seat, wanted: UUID, failed: UUID, person: User) -> None:
    data = {"action": "cancel", "_selected_action": [str(wanted)], "index": "0"}
    form = operator.client.post(address(Generation), data)
    assert form.status_code == 302
    page = operator.acts(form.url, reason="tidy up").content.decode()
    assert "It is not in a state any more" in page  # the one had failed meanwhile


@pytest.mark.django_db(transaction=True)
def test_words_and_pictures_are_hidden_until_somebody_asks_and_that_is_recorded(
    operator: Seat, wanted: UUID, draw: Callable[[UUID], UUID]
) -> None:
    draw(wanted)
    page = operator.opens(address(Generation, wanted))
    assert PROMPT not in page
    assert '<img src="/admin/generations' not in page
    shown = operator.client.get(f"{address(Generation, wanted)[:-7]}look/")
    assert PROMPT in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    [entry] = recorded("generation", wanted)
    assert (entry.action, entry.actor_name) == ("generation.looked_at", operator.user.email)
    there = re.search(r'src="(/admin/generations/generation/picture/[^"]+)"', shown.content.decode())[1]
    bytes_ = operator.client.get(there)
    assert bytes_.headers["Content-Type"].startswith("image/")
    assert "no-store" in bytes_.headers["Cache-Control"]


def test_the_address_of_a_picture_is_of_no_use_to_another_or_later(
    operator: Seat, owner: Seat, wanted: UUID, draw: Callable[[UUID], UUID]
) -> None:
    draw(wanted)
    shown = operator.opens(f"{address(Generation, wanted)[:-7]}look/")
    there = re.search(r'src="(/admin/generations/generation/picture/[^"]+)"', shown)[1]
    assert owner.client.get(there).status_code == 403
    assert operator.client.get(there[:-3] + "x/").status_code == 404


def test_a_viewer_sees_neither_words_nor_pictures(viewer: Seat, wanted: UUID) -> None:
    page = viewer.opens(address(Generation, wanted))
    assert "Your role does not see them" in page
    assert viewer.client.get(f"{address(Generation, wanted)[:-7]}look/").status_code == 403
    assert [each.action for each in recorded("generation", wanted)] == ["act.refused"]
    assert PROMPT not in viewer.opens(address(Generation))
    response = viewer.client.post(address(Generation, wanted, "cancel"), {"reason": "by hand", "seen": ""})
    assert response.status_code == 403
    assert Generation.objects.get(pk=wanted).status == "queued"
