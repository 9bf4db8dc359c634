"""The one word for where an order stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nproxy.billing.rules.reviews import Reason
from nproxy.billing.rules.settlement import RANK
from nproxy.billing.rules.states import ACTIVE_STATES, Standing, State, state
from nproxy.billing.rules.wire import Status

standings = some.builds(
    Standing,
    order=some.sampled_from(["open", "paid", "expired", "canceled", "review", "refunded"]),
    attempt=some.sampled_from(["", "creating", "asking", "open", "lost", "refused"]),
    payment=some.none() | some.sampled_from(sorted(RANK)),
    is_activated=some.booleans(),
    is_late=some.booleans(),
    review=some.none() | some.sampled_from(Reason),
    was_closed=some.booleans(),
)


@given(standings)
def test_every_standing_has_its_word_and_only_an_activated_order_is_active(standing: Standing) -> None:
    word = state(standing)
    assert isinstance(word, State)
    assert (word in ACTIVE_STATES) == (standing.is_activated and standing.order != "refunded")


@pytest.mark.parametrize(
    ("standing", "word"),
    [
        (Standing("open"), State.CHOOSE),
        (Standing("open", "creating"), State.PREPARING),
        (Standing("open", "asking"), State.PREPARING),
        (Standing("open", "refused"), State.TROUBLE),
        (Standing("open", "open", Status.WAITING), State.WAITING),
        (Standing("open", "open", Status.EXPIRED), State.TROUBLE),
        (Standing("open", "open", Status.CONFIRMING), State.SEEN),
        (Standing("expired", "open", Status.CONFIRMING), State.SEEN),
        (Standing("canceled", "open", Status.SENDING), State.CONFIRMING),
        (Standing("expired", "open", Status.EXPIRED), State.EXPIRED),
        (Standing("canceled", "open", Status.PARTIALLY_PAID, was_closed=True), State.CLOSED),
        (Standing("canceled", "open", Status.CONFIRMING, was_closed=True), State.SEEN),
        (Standing("review", "open", Status.PARTIALLY_PAID, review=Reason.UNDERPAID), State.UNDERPAID),
        (Standing("review", "open", Status.FINISHED, review=Reason.WRONG_PRICE), State.REVIEW),
        (Standing("paid", "open", Status.FINISHED, is_activated=True), State.ACTIVE),
        (Standing("paid", "open", Status.FINISHED, is_activated=True, is_late=True), State.LATE),
        (Standing("paid", "open", Status.FINISHED, is_activated=True, review=Reason.SURPLUS), State.OVERPAID),
        (Standing("refunded", "open", Status.REFUNDED, is_activated=True), State.REFUNDED),
    ],
)
def test_the_words(standing: Standing, word: State) -> None:
    assert state(standing) is word
