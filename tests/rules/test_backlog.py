"""How far updates are confirmed, whatever order they are done in: none is lost, none is taken up twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nproxy.bot.backlog import Confirmed

SENT = st.integers(1, 8)
# At each step Telegram answers, or one of those under way, by its place, is done.
STEPS = st.lists(st.none() | st.integers(0, 7), max_size=40)


@given(SENT, STEPS)
def test_what_is_not_done_is_never_confirmed_and_nothing_is_under_way_twice(
    sent: int, steps: list[int | None]
) -> None:
    confirmed, waiting = Confirmed(), list(range(1, sent + 1))
    under_way: list[int] = []
    taken_up: list[int] = []
    done: set[int] = set()
    for step in steps:
        if step is None:
            offset = confirmed.offset
            waiting = [each for each in waiting if offset is None or each >= offset]
            new = confirmed.answered(offset, waiting)
            taken_up += new
            under_way += new
        elif under_way:
            each = under_way.pop(step % len(under_way))
            confirmed.done(each)
            done.add(each)
        assert done.union(waiting) == set(range(1, sent + 1))
        assert len(taken_up) == len(set(taken_up))
        assert confirmed.is_waiting == bool(under_way)


@given(st.permutations(range(1, 7)))
def test_once_all_are_done_all_are_confirmed(order: list[int]) -> None:
    confirmed = Confirmed()
    confirmed.answered(None, range(1, 7))
    for each in order:
        confirmed.done(each)
    assert confirmed.offset == 7
    assert confirmed.answered(7, []) == []
    assert confirmed.offset == 7
