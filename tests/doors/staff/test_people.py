"""A person's page: all that is known of them, and what operators do about their access; and the plan."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.doors.staff.seats import Seat, address, recorded
from tests.rooms.billing.sales import OPERATOR

from nproxy.accounts.models import User
from nproxy.quota.models import Quota
from nproxy.subscriptions import actions as subscriptions
from nproxy.subscriptions import queries
from nproxy.subscriptions.models import Plan


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


@pytest.mark.parametrize("act", ["grant", "extend", "suspend", "resume", "block", "sessions"])
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
