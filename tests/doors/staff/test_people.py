"""A person's page: all that is known of them, and what operators do about their access; and the plan."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.utils import timezone
from tests.doors.staff.seats import Seat, address, recorded
from tests.rooms.billing.sales import OPERATOR

from nproxy.accounts.models import User
from nproxy.notifications.models import Mail
from nproxy.quota.models import Quota
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries
from nproxy.subscriptions.models import Cycle, Plan


@pytest.fixture
def subscriber(stranger: User) -> User:
    """Someone with a running cycle of 37 requests."""
    subscriptions.grant(user_id=stranger.pk, limit=37, reason="a gift", actor=OPERATOR, now=timezone.now())
    return stranger


@pytest.fixture
def plan(db: None) -> Plan:
    subscriptions.set_plan(
        name="Studio", price_cents=1900, request_limit=500, sales_text="", actor=OPERATOR, now=timezone.now()
    )
    return Plan.objects.get()


def test_the_page_shows_exact_figures_and_a_viewer_has_no_buttons(viewer: Seat, subscriber: User) -> None:
    page = viewer.opens(address(User, subscriber.pk))
    assert "<td>37</td>" in page
    for title in ("Cycles", "Ledger", "Orders", "Refused by policy", "E-mails"):
        assert title in page
    assert "/act/" not in page


def test_a_cycle_is_granted_extended_suspended_and_resumed_each_with_its_reason(
    operator: Seat, stranger: User
) -> None:
    def act(name: str, **data: object) -> str:
        return operator.acts(
            address(User, stranger.pk, name), reason=f"because {name}", **data
        ).content.decode()

    assert "no plan" in act("grant", months=1)
    act("grant", months=2, limit=60)
    before = queries.subscription(stranger.pk, timezone.now()).ends_at
    assert before is not None
    act("extend", days=3)
    after = queries.subscription(stranger.pk, timezone.now()).ends_at
    assert after is not None
    assert (after - before).days == 3
    extended = recorded("user", stranger.pk)[0]
    assert extended.action == "cycle.extended"
    assert (extended.before or {})["ends_at"] == before.isoformat()
    assert (extended.after or {})["ends_at"] == after.isoformat()
    assert "Suspended. Cancelled in line: 0." in act("suspend")
    assert Quota.objects.get(user=stranger).suspended
    act("resume")
    assert queries.subscription(stranger.pk, timezone.now()).state == "active"
    done = [(each.action, each.reason) for each in recorded("user", stranger.pk)]
    assert ("cycle.granted", "because grant") in done
    assert ("access.suspended", "because suspend") in done


def test_someone_is_blocked_and_let_in_again_but_never_one_with_a_role(
    operator: Seat, owner: Seat, stranger: User
) -> None:
    operator.acts(address(User, stranger.pk, "block"), reason="spam")
    assert not User.objects.get(pk=stranger.pk).is_active
    operator.acts(address(User, stranger.pk, "unblock"), reason="a mistake")
    assert User.objects.get(pk=stranger.pk).is_active
    page = operator.acts(address(User, owner.user.pk, "block"), reason="coup").content.decode()
    assert "They have a role." in page
    assert User.objects.get(pk=owner.user.pk).is_active


def test_sessions_are_closed_and_an_address_confirmed(operator: Seat, stranger: User) -> None:
    theirs = Seat(stranger)
    theirs.client.force_login(stranger)
    assert theirs.client.get("/billing/").status_code == 200
    operator.acts(address(User, stranger.pk, "sessions"), reason="a lost phone")
    assert theirs.client.get("/billing/").status_code == 302
    assert recorded("user", stranger.pk)[0].action == "user.sessions_closed"
    page = operator.acts(address(User, stranger.pk, "confirm"), reason="seen their passport")
    assert EmailAddress.objects.get(user=stranger).verified
    entry = recorded("user", stranger.pk)[0]
    assert (entry.action, entry.reason) == ("user.email_confirmed", "seen their passport")
    assert (entry.before, entry.after) == ({"verified": False}, {"verified": True})
    assert "/act/confirm/" not in page.content.decode(), "there is nothing left to confirm"


def test_a_cycles_page_shows_what_was_done_about_its_owners_access(viewer: Seat, subscriber: User) -> None:
    for row in (Cycle.objects.get(), Quota.objects.get()):
        page = viewer.opens(address(type(row), row.pk))
        assert "cycle.granted" in page
        assert f"target_kind__exact=user&amp;q={subscriber.pk}" in page


@pytest.mark.parametrize("act", ["grant", "extend", "suspend", "resume", "block", "sessions", "reset"])
def test_a_viewer_who_calls_an_act_by_hand_is_refused(viewer: Seat, subscriber: User, act: str) -> None:
    data = {"reason": "mine", "seen": "x", "months": 1, "days": 9}
    assert viewer.client.post(address(User, subscriber.pk, act), data).status_code == 403


def test_the_plan_is_changed_after_its_preview_and_a_stale_form_is_told(operator: Seat, plan: Plan) -> None:
    there = address(Plan, plan.pk, "edit")
    assert "0 open orders keep the price" in operator.opens(there)
    seen = operator.sees(there)
    form = {
        "name": "Studio",
        "price": "25.50",
        "request_limit": 600,
        "sales_text": "More.",
        "reason": "dearer",
    }
    assert "Changed." in operator.acts(there, **form).content.decode()
    plan.refresh_from_db()
    assert (plan.price_cents, plan.request_limit) == (2550, 600)
    assert recorded("plan", plan.pk)[0].reason == "dearer"
    page = operator.sends(there, seen, **form | {"price": "1"}).content.decode()
    assert "Not done, it changed since you looked" in page
    plan.refresh_from_db()
    assert plan.price_cents == 2550


def test_a_reset_mail_goes_to_the_person_and_its_link_to_nobody_else(operator: Seat, stranger: User) -> None:
    there = address(User, stranger.pk, "reset")
    page = operator.acts(there, reason="she rang").content.decode()
    mail = Mail.objects.get(recipient=stranger.email)
    assert mail.kind == "password_reset_key"
    found = re.search(r"/accounts/password/reset/key/\S+?/(?=\s)", mail.text)
    assert found
    assert "A mail with a link" in page
    for shown in (page, operator.opens(address(Mail, mail.pk))):
        assert "password/reset/key" not in shown
    [entry] = recorded("user", stranger.pk)
    assert (entry.action, entry.reason) == ("user.reset_sent", "she rang")
    assert found[0] not in repr(entry)
    theirs = Client()
    form = theirs.get(found[0], follow=True).redirect_chain[-1][0]
    theirs.post(form, {"password": "nine green lanterns"})
    stranger.refresh_from_db()
    assert stranger.check_password("nine green lanterns")


def test_no_reset_mail_goes_to_who_is_blocked_or_got_three_of_them(operator: Seat, stranger: User) -> None:
    there = address(User, stranger.pk, "reset")
    pages = [operator.acts(there, reason="again").content.decode() for _ in range(4)]
    assert ["Wait a little" in page for page in pages] == [False, False, False, True]
    assert Mail.objects.count() == 3
    operator.acts(address(User, stranger.pk, "block"), reason="spam")
    assert "They are blocked." in operator.acts(there, reason="again").content.decode()
    assert Mail.objects.count() == 3


@pytest.mark.parametrize("act", ["extend", "grant", "suspend"])
def test_the_second_of_two_operators_is_told_that_the_cycles_changed(
    operator: Seat, owner: Seat, subscriber: User, act: str
) -> None:
    there = address(User, subscriber.pk, act)
    seen = operator.sees(there)
    owner.acts(address(User, subscriber.pk, "extend"), days=3, reason="first")
    after_first = queries.subscription(subscriber.pk, timezone.now())
    page = operator.sends(there, seen, days=3, months=1, limit=5, reason="second").content.decode()
    assert "Not done, it changed since you looked: Cycles: " in page
    assert f"cycle.extended by {owner.user.email}" in page
    assert queries.subscription(subscriber.pk, timezone.now()) == after_first


def at_once(there: str, *seats: Seat, **data: object) -> None:
    """All of them see the form, then all send it at the same moment."""
    seen = [seat.sees(there) for seat in seats]

    def send(seat: Seat, stamp: str) -> None:
        try:
            seat.sends(there, stamp, **data)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(seats)) as all_of_them:
        list(all_of_them.map(send, seats, seen))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["suspend", "block", "sessions", "confirm"])
def test_of_two_who_act_on_a_person_at_the_same_moment_nobody_meets_an_error(
    operator: Seat, owner: Seat, subscriber: User, act: str
) -> None:
    at_once(address(User, subscriber.pk, act), operator, owner, reason="both at once")
    done = [
        each
        for each in recorded("user", subscriber.pk)
        if each.action not in {"act.refused", "cycle.granted"}
    ]
    assert len(done) == (
        2 if act == "sessions" else 1
    )  # closing what is closed changes nothing that was seen


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_at_the_same_moment_do_not_wait_for_ever(
    owner: Seat, seat: Callable[[str], Seat]
) -> None:
    other = seat("owner")
    pairs = [(owner, address(User, other.user.pk, "role")), (other, address(User, owner.user.pk, "role"))]
    seen = [one.sees(there) for one, there in pairs]

    def demote(pair: tuple[Seat, str], stamp: str) -> None:
        try:
            pair[0].sends(pair[1], stamp, role="viewer", reason="a coup")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        list(both.map(demote, pairs, seen))
    assert User.objects.filter(role="owner").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_extend_at_the_same_moment_one_is_told(
    operator: Seat, owner: Seat, subscriber: User
) -> None:
    before = queries.subscription(subscriber.pk, timezone.now()).ends_at
    at_once(address(User, subscriber.pk, "extend"), operator, owner, days=3, reason="an outage")
    newest = recorded("user", subscriber.pk)[:2]
    assert {each.action for each in newest} == {"cycle.extended", "act.refused"}
    after = queries.subscription(subscriber.pk, timezone.now()).ends_at
    assert before is not None
    assert after is not None
    assert (after - before).days == 3
