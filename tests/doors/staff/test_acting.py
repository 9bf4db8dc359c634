"""Acts: what a page offers to whom, and every way in which one is not done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from tests.doors.staff.seats import Seat, address, recorded

from nproxy.accounts import actions as accounts
from nproxy.accounts.models import User
from nproxy.audit.models import AuditEntry
from nproxy.audit.rules import SYSTEM, Actor


@pytest.fixture
def role_of(stranger: User) -> Callable[[], str]:
    return lambda: User.objects.get(pk=stranger.pk).role


def test_an_act_is_done_with_its_reason_and_the_operator_is_told(
    owner: Seat, stranger: User, role_of: Callable[[], str]
) -> None:
    page = owner.acts(address(User, stranger.pk, "role"), role="viewer", reason="helps out").content.decode()
    assert role_of() == "viewer"
    assert f"{stranger.email}: viewer." in page
    assert "helps out" in page  # on the object's own page, with who did it
    [entry] = [each for each in recorded("user", stranger.pk) if each.action == "user.role_changed"]
    assert (entry.actor_kind, entry.actor_name) == ("operator", owner.user.email)
    assert (entry.before, entry.after, entry.reason) == ({"role": ""}, {"role": "viewer"}, "helps out")
    assert entry.origin == "127.0.0.1"


def test_an_act_without_its_reason_asks_again(
    owner: Seat, stranger: User, role_of: Callable[[], str]
) -> None:
    page = owner.acts(address(User, stranger.pk, "role"), role="viewer", reason=" ").content.decode()
    assert "This field is required" in page
    assert role_of() == ""


def test_a_stale_page_is_refused_and_told_what_changed(
    owner: Seat, stranger: User, role_of: Callable[[], str]
) -> None:
    act = address(User, stranger.pk, "role")
    seen = owner.sees(act)
    other = Actor(kind="cli", name="root")
    accounts.set_role(user_id=stranger.pk, role="operator", actor=other, now=timezone.now())
    page = owner.sends(act, seen, role="viewer", reason="mine").content.decode()
    assert "Not done, it changed since you looked: Role: – → operator (user.role_changed by root)." in page
    assert role_of() == "operator"
    [refusal] = [each for each in recorded("user", stranger.pk) if each.action == "act.refused"]
    assert refusal.actor_name == owner.user.email
    assert refusal.after is not None
    assert refusal.after["act"] == "role"


def test_a_form_opened_from_an_older_page_shows_what_changed_meanwhile(owner: Seat, stranger: User) -> None:
    page = owner.opens(address(User, stranger.pk))
    form = next(part for part in page.split('"') if "/act/role/?seen=" in part)
    accounts.set_role(user_id=stranger.pk, role="viewer", actor=SYSTEM, now=timezone.now())
    assert "This changed since you opened the page" in owner.opens(form)
    assert "This changed since" not in owner.opens(address(User, stranger.pk, "role"))


@pytest.mark.parametrize("seen", ["", "forged", "eyJhIjoxfQ:1:sig"])
def test_a_forged_stamp_does_nothing(
    owner: Seat, stranger: User, role_of: Callable[[], str], seen: str
) -> None:
    page = owner.sends(address(User, stranger.pk, "role"), seen, role="viewer", reason="r").content.decode()
    assert "This page is too old" in page
    assert role_of() == ""


def test_what_the_room_refuses_is_said_in_words_and_recorded(owner: Seat) -> None:
    page = owner.acts(address(User, owner.user.pk, "role"), role="", reason="tired").content.decode()
    assert "They are the last owner" in page
    assert User.objects.get(pk=owner.user.pk).role == "owner"
    assert recorded("user", owner.user.pk)[0].action == "act.refused"


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_who_lacks_the_right_sees_no_button_and_is_refused_by_hand(
    seat: Callable[[str], Seat], stranger: User, role_of: Callable[[], str], role: str
) -> None:
    someone = seat(role)
    assert "/act/role/" not in someone.opens(address(User, stranger.pk))
    response = someone.client.post(address(User, stranger.pk, "role"), {"role": "owner", "reason": "me"})
    assert response.status_code == 403
    assert role_of() == ""
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_name) == ("act.refused", someone.user.email)
    assert entry.target_id == f"accounts/user/{stranger.pk}/act/role/"


def test_a_forged_form_is_refused_and_recorded(
    owner: Seat, stranger: User, role_of: Callable[[], str]
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = owner.client.cookies
    form = address(User, stranger.pk, "role")
    response = strict.post(form, {"seen": owner.sees(form), "role": "owner", "reason": "r"})
    assert response.status_code == 403
    assert role_of() == ""
    assert AuditEntry.objects.latest("pk").action == "act.refused"


@pytest.mark.parametrize("model", [User])
def test_no_form_of_djangos_own_writes_a_model(owner: Seat, stranger: User, model: type) -> None:
    for where in (
        address(model, stranger.pk),
        f"{address(model)}add/",
        f"{address(model, stranger.pk)[:-7]}delete/",
    ):
        assert owner.client.post(where, {"email": "x@example.com", "post": "yes"}).status_code == 403
    assert User.objects.filter(pk=stranger.pk, email=stranger.email).exists()


def test_a_dialog_is_left_by_a_header_for_htmx(owner: Seat, stranger: User) -> None:
    form = address(User, stranger.pk, "role")
    asked = owner.client.get(form, headers={"HX-Request": "true"}).content.decode()
    assert 'id="dialog-form"' in asked
    assert "<html" not in asked
    data = {"seen": owner.sees(form), "role": "viewer", "reason": "r"}
    done = owner.client.post(form, data, headers={"HX-Request": "true"})
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, address(User, stranger.pk))


def test_what_is_not_there_is_not_found(owner: Seat) -> None:
    for where in (address(User, 404), address(User, 404, "role")):
        assert owner.client.get(where).status_code == 404
