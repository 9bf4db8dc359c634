"""What a reading means, whatever came before."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nproxy.billing.rules.reviews import Outcome, Reason, outcomes
from nproxy.billing.rules.settlement import (
    ARRIVED,
    RANK,
    Activate,
    Ask,
    Bill,
    Known,
    Nothing,
    Progress,
    Review,
    advances,
    decide,
    value_cents,
)
from nproxy.billing.rules.wire import Observation, Status

TOLERANCE = Decimal("0.01")
ASKED = Decimal(100)
BILL = Bill(price_cents=1900)
ASK = Ask(ref="attempt", payment_id="1", coin="usdttrc20", amount=ASKED)
SEEN = Observation(
    payment_id="1",
    ref="attempt",
    status=Status.FINISHED,
    status_word="finished",
    price_cents=1900,
    price_currency="usd",
    pay_coin="usdttrc20",
    pay_amount=ASKED,
    actually_paid=ASKED,
)

amounts = some.decimals(min_value=0, max_value=1000, places=8)
statuses = some.sampled_from(Status)
knowns = some.builds(
    Known,
    status=some.sampled_from(sorted(RANK)),
    actually_paid=amounts,
    has_activated=some.booleans(),
    reviewed=some.frozensets(some.sampled_from(Reason), max_size=3),
)
bills = some.none() | some.builds(
    Bill,
    price_cents=some.just(1900) | some.integers(1, 10_000),
    is_activated=some.booleans(),
    is_closed=some.booleans(),
    is_refunded=some.booleans(),
)
readings = some.builds(
    lambda **changes: replace(SEEN, **changes),
    status=statuses,
    actually_paid=amounts,
    pay_coin=some.sampled_from(["usdttrc20", "btc"]),
    parent_payment_id=some.sampled_from(["", "1"]),
    ref=some.sampled_from(["attempt", "another"]),
    price_cents=some.sampled_from([1900, 1, None]),
)


@pytest.mark.parametrize(
    ("paid", "meaning"),
    [
        ("100", Activate(is_late=False, surplus=False)),
        ("99", Activate(is_late=False, surplus=False)),
        ("98.999999999999999999", Review(Reason.UNDERPAID)),
        ("101", Activate(is_late=False, surplus=False)),
        ("101.000000000000000001", Activate(is_late=False, surplus=True)),
        ("0", Review(Reason.UNDERPAID)),
    ],
)
@pytest.mark.parametrize("status", sorted(ARRIVED))
def test_the_tolerance_ends_where_it_says(paid: str, meaning: object, status: Status) -> None:
    seen = replace(SEEN, status=status, actually_paid=Decimal(paid))
    assert decide(BILL, ASK, Known(), seen, TOLERANCE) == meaning


def test_the_amount_that_we_asked_for_counts_not_the_one_that_is_echoed() -> None:
    seen = replace(SEEN, pay_amount=Decimal(1), actually_paid=Decimal(1))
    assert decide(BILL, ASK, Known(), seen, TOLERANCE) == Review(Reason.UNDERPAID)


def test_where_our_answer_was_lost_the_echoed_amount_counts() -> None:
    assert decide(BILL, replace(ASK, amount=None), Known(), SEEN, TOLERANCE) == Activate(
        is_late=False, surplus=False
    )


def test_a_payment_that_asks_for_nothing_buys_nothing() -> None:
    seen = replace(SEEN, pay_amount=Decimal(0), actually_paid=Decimal(0))
    assert decide(BILL, replace(ASK, amount=None), Known(), seen, TOLERANCE) == Review(Reason.UNDERPAID)


@given(bill=bills, known=knowns, seen=readings)
def test_only_our_own_whole_unactivated_payment_activates(
    bill: Bill | None, known: Known, seen: Observation
) -> None:
    if isinstance(decide(bill, ASK, known, seen, TOLERANCE), Activate):
        assert bill is not None
        assert not bill.is_activated
        assert not bill.is_refunded
        assert not known.has_activated
        assert seen.status in ARRIVED
        assert (seen.ref, seen.pay_coin, seen.parent_payment_id) == ("attempt", "usdttrc20", "")
        assert seen.price_cents == bill.price_cents
        assert seen.actually_paid >= 99


@given(bill=bills, known=knowns, seen=readings)
def test_money_that_arrived_is_never_passed_over(bill: Bill | None, known: Known, seen: Observation) -> None:
    """Unless it was dealt with before, or the processor has said something weightier since."""
    if seen.status not in ARRIVED or known.is_settled or RANK[known.status] > RANK[seen.status]:
        return
    decision = decide(bill, ASK, known, seen, TOLERANCE)
    if known.status is not seen.status and RANK[known.status] == RANK[seen.status]:
        return  # cancelled at the dashboard: partially paid before, and looked at then
    assert isinstance(decision, Activate | Review)


@given(bill=bills, known=knowns, seen=readings)
def test_nobody_is_asked_twice_about_the_same(bill: Bill | None, known: Known, seen: Observation) -> None:
    decision = decide(bill, ASK, known, seen, TOLERANCE)
    assert not (isinstance(decision, Review) and decision.reason in known.reviewed)


@given(known=knowns, status=statuses, paid=amounts)
def test_a_status_never_goes_down_in_rank_but_for_money_that_moves_after_all(
    known: Known, status: Status, paid: Decimal
) -> None:
    if advances(known, status, paid):
        comes_back = known.status in {Status.EXPIRED, Status.FAILED}
        assert RANK[status] >= RANK[known.status] or comes_back


@pytest.mark.parametrize("status", [Status.CONFIRMING, Status.CONFIRMED, Status.SENDING])
def test_confirmations_alone_never_activate(status: Status) -> None:
    seen = replace(SEEN, status=status, actually_paid=ASKED * 5)
    assert decide(BILL, ASK, Known(), seen, TOLERANCE) == Progress()


def test_an_older_answer_changes_nothing() -> None:
    known = Known(Status.FINISHED, ASKED, has_activated=True)
    for status in (Status.WAITING, Status.CONFIRMING, Status.PARTIALLY_PAID, Status.EXPIRED):
        assert decide(BILL, ASK, known, replace(SEEN, status=status), TOLERANCE) == Nothing()


def test_a_finished_payment_that_nothing_came_of_is_decided_again() -> None:
    """As after a repair of these very rules."""
    known = Known(Status.FINISHED, ASKED)
    assert decide(BILL, ASK, known, SEEN, TOLERANCE) == Activate(is_late=False, surplus=False)


@pytest.mark.parametrize("reason", sorted(Reason))
@pytest.mark.parametrize("has_order", [True, False])
@pytest.mark.parametrize("is_activated", [True, False])
def test_every_review_can_be_closed_and_none_be_superseded_by_hand(
    reason: Reason, has_order: bool, is_activated: bool
) -> None:
    offered = outcomes(reason, has_order=has_order, is_activated=is_activated)
    assert Outcome.CLOSE in offered
    assert Outcome.SUPERSEDED not in offered


def test_what_arrived_is_worth_its_share_of_the_price() -> None:
    half = value_cents(1900, paid=Decimal("49.999"), asked=ASKED, valued=None, is_child=False)
    assert half == 949
    assert value_cents(1900, paid=ASKED, asked=ASKED, valued=None, is_child=True) is None
    assert value_cents(1900, paid=ASKED, asked=ASKED, valued=77, is_child=True) == 77
