"""The ledger's arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nproxy.quota.rules import Counters, bucket, recount

limits = st.integers(1, 10_000)


@given(limits, st.data())
def test_the_bucket_is_one_of_six_steps_and_zero_only_when_nothing_is_left(
    limit: int, data: st.DataObject
) -> None:
    remaining = data.draw(st.integers(0, limit))
    shown = bucket(remaining, limit)
    assert shown in {0, 20, 40, 60, 80, 100}
    assert (shown == 0) == (remaining == 0)
    assert shown - 20 < remaining * 100 / limit <= shown


@given(limits, st.data())
def test_the_bucket_never_grows_when_less_remains(limit: int, data: st.DataObject) -> None:
    remaining = data.draw(st.integers(1, limit))
    assert bucket(remaining - 1, limit) <= bucket(remaining, limit)


def test_the_bucket_changes_exactly_at_the_documented_percentages() -> None:
    shown = {remaining: bucket(remaining, 100) for remaining in range(101)}
    assert [n for n in shown if shown[n] == 100] == list(range(81, 101))
    assert [n for n in shown if shown[n] == 80] == list(range(61, 81))
    assert [n for n in shown if shown[n] == 60] == list(range(41, 61))
    assert [n for n in shown if shown[n] == 40] == list(range(21, 41))
    assert [n for n in shown if shown[n] == 20] == list(range(1, 21))


@given(limits, st.lists(st.sampled_from(["hold", "capture", "release"]), max_size=60))
def test_a_journal_of_allowed_steps_adds_up_to_counters_within_the_limit(
    limit: int, steps: list[str]
) -> None:
    entries, now = [("grant", limit)], Counters(limit, 0, 0)
    for step in steps:
        if step == "hold" and now.used + now.held < limit:
            now = Counters(limit, now.used, now.held + 1)
        elif step == "capture" and now.held:
            now = Counters(limit, now.used + 1, now.held - 1)
        elif step == "release" and now.held:
            now = Counters(limit, now.used, now.held - 1)
        else:
            continue
        entries.append((step, 1))
    assert recount(entries) == now
    assert min(now.used, now.held) >= 0
    assert now.used + now.held <= limit
