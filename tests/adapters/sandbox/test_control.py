"""Which trouble a call meets, and what is remembered of it."""

from __future__ import annotations

import pytest

from nproxy_sandbox.control import Control, Trouble, UnknownFault, digest, without_orders

KEY = "AQ.sandbox-ok-1"


@pytest.fixture
def control() -> Control:
    return Control(["internal", "high_demand", "IMAGE_SAFETY"], latency=1.5)


@pytest.mark.parametrize(
    ("key", "trouble"),
    [
        ("AIzaSomething", Trouble()),
        ("AQ.sandbox-ok-anything", Trouble()),
        ("AQ.sandbox-ok-3s-x", Trouble(seconds=3)),
        ("AQ.sandbox-IMAGE_SAFETY", Trouble("IMAGE_SAFETY")),
        ("AQ.sandbox-image_safety-1-2-3", Trouble("IMAGE_SAFETY")),
        ("AQ.sandbox-high_demand-0.5s-x", Trouble("high_demand", seconds=0.5)),
        ("AQ.sandbox-high_demand-flaky100-x", Trouble("high_demand")),
        ("AQ.sandbox-flaky100-x", Trouble("internal")),
    ],
)
def test_a_keys_text_says_what_happens_to_it(control: Control, key: str, trouble: Trouble) -> None:
    assert control.trouble(key) == trouble


def test_a_misspelt_fault_is_not_a_good_key(control: Control) -> None:
    with pytest.raises(UnknownFault):
        control.trouble("AQ.sandbox-hihg_demand-1")
    with pytest.raises(UnknownFault):
        control.order("hihg_demand")


def test_a_misspelt_fault_in_a_prompt_harms_no_key(control: Control) -> None:
    assert control.trouble(KEY, "a fox [fault:hihg_demand]") == Trouble()


def test_words_in_the_prompt_count_for_one_call(control: Control) -> None:
    assert control.trouble(KEY, "a fox [fault:IMAGE_SAFETY]") == Trouble("IMAGE_SAFETY")
    assert control.trouble(KEY, "[fault: high_demand 2s] a fox") == Trouble("high_demand", seconds=2)
    assert control.trouble(KEY, "a fox") == Trouble()
    assert without_orders("[fault:IMAGE_SAFETY] a fox") == "a fox"


def test_the_nearer_order_wins(control: Control) -> None:
    control.order("internal")
    control.order("high_demand", key=KEY)
    assert control.trouble("other").fault == "internal"
    assert control.trouble(KEY).fault == "high_demand"
    assert control.trouble(KEY, "[fault:IMAGE_SAFETY]").fault == "IMAGE_SAFETY"
    control.order("ok", key="AQ.sandbox-IMAGE_SAFETY-1")
    assert control.trouble("AQ.sandbox-IMAGE_SAFETY-1") == Trouble()
    control.order(None)
    assert control.trouble("other") == Trouble()


def test_an_order_is_spent_after_its_times(control: Control) -> None:
    control.order("internal", times=2)
    assert [control.trouble(KEY).fault for _ in range(3)] == ["internal", "internal", ""]


def test_an_order_is_not_spent_where_it_does_not_apply(control: Control) -> None:
    control.order("internal", times=1)
    assert control.trouble(KEY, among=["high_demand"]) == Trouble()
    assert control.trouble(KEY).fault == "internal"


def test_a_rate_is_met_by_the_same_pattern_every_time(control: Control) -> None:
    key = "AQ.sandbox-high_demand-flaky30-a"
    first = [control.trouble(key).fault for _ in range(400)]
    control.reset()
    assert [control.trouble(key).fault for _ in range(400)] == first
    assert 80 <= first.count("high_demand") <= 160


def test_a_reset_forgets_all_but_the_command_line(control: Control) -> None:
    control.order("internal")
    control.latency = 9
    control.take("a fox")
    control.seen("now", "generate", KEY)
    control.sprung()
    control.reset()
    assert (control.orders(), control.calls(), control.pictures(), control.trap_visits) == ([], [], {}, 0)
    assert control.latency == 1.5
    assert control.take("a fox") == 0


def test_a_call_keeps_no_secret(control: Control) -> None:
    call = control.seen("now", "generate", "AQ.sandbox-ok-secret")
    assert call.key_tail == "cret"
    assert len(digest("a fox")) == 16


def test_takes_are_counted_per_prompt(control: Control) -> None:
    assert [control.take(prompt) for prompt in ("a", "b", "a", "a")] == [0, 0, 1, 2]
