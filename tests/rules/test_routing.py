"""Which key next and when to stop, without a key in sight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.providers.rules import Classified, Verdict
from nproxy.routing.rules import (
    Directly,
    Done,
    LastResort,
    NextKey,
    Stop,
    Trail,
    WaitInLine,
    given_up,
    next_step,
    when_no_key,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Attempt:
    key_id: int = 0
    provider: str = "gemini"
    by_proxy: bool = False
    may_go_direct: bool = False
    is_last_resort: bool = False


BY_PROXY = Attempt(by_proxy=True, may_go_direct=True)
BY_REQUIRED_PROXY = Attempt(by_proxy=True)


def trail(*verdicts: Verdict) -> Trail:
    made = Trail()
    for number, verdict in enumerate(verdicts):
        made = made.after(Attempt(number), Classified(verdict))
    return made


def step_after(*verdicts: Verdict, user_code: str = "") -> object:
    return next_step(trail(*verdicts), Attempt(), Classified(verdicts[-1], user_code=user_code))


@pytest.mark.parametrize(
    ("verdict", "step"),
    [
        (Verdict.SUCCESS, Done()),
        (Verdict.USER_ERROR, Stop("invalid_request")),
        (Verdict.NO_IMAGE, NextKey()),
        (Verdict.RETRYABLE, NextKey()),
        (Verdict.RATE_LIMITED, NextKey()),
        (Verdict.ROUTE_BLOCKED, NextKey()),
        (Verdict.OUT_OF_FUNDS, NextKey()),
        (Verdict.KEY_REJECTED, NextKey()),
        (Verdict.PROXY_FAILED, NextKey()),
        (Verdict.LOST, NextKey()),
        (Verdict.MISCONFIGURED, NextKey()),
    ],
)
def test_every_verdict_has_its_next_step(verdict: Verdict, step: object) -> None:
    assert step_after(verdict) == step


def test_what_the_person_did_stops_it_with_its_own_code() -> None:
    assert step_after(Verdict.USER_ERROR, user_code="content_policy") == Stop("content_policy")


def test_the_second_answer_without_an_image_is_the_last() -> None:
    assert step_after(Verdict.NO_IMAGE, Verdict.RETRYABLE, Verdict.NO_IMAGE) == Stop("no_image")


def test_a_misconfigured_request_spares_the_providers_other_keys() -> None:
    assert trail(Verdict.MISCONFIGURED).without == {"gemini"}
    assert trail(Verdict.RETRYABLE, Verdict.KEY_REJECTED).without == frozenset()


def test_the_third_retryable_failure_in_turn_is_told_once() -> None:
    failed = Verdict.RETRYABLE
    told = [trail(*[failed] * count).is_cooling_the_pool for count in range(1, 6)]
    assert told == [False, False, True, False, False]
    assert not trail(failed, failed, Verdict.RATE_LIMITED, failed).is_cooling_the_pool


@pytest.mark.parametrize("verdict", [Verdict.PROXY_FAILED, Verdict.ROUTE_BLOCKED])
def test_what_a_proxy_spoils_is_tried_directly_unless_the_proxy_is_required(verdict: Verdict) -> None:
    assert next_step(trail(verdict), BY_PROXY, Classified(verdict)) == Directly()
    assert next_step(trail(verdict), BY_REQUIRED_PROXY, Classified(verdict)) == NextKey()
    assert next_step(trail(verdict), Attempt(), Classified(verdict)) == NextKey()


def test_what_the_provider_says_through_a_proxy_is_not_asked_again_directly() -> None:
    for verdict in set(Verdict) - {Verdict.PROXY_FAILED, Verdict.ROUTE_BLOCKED}:
        assert next_step(trail(verdict), BY_PROXY, Classified(verdict)) != Directly()


def test_failing_proxies_between_them_do_not_hide_three_keys_that_fail_in_turn() -> None:
    walked = Trail()
    for number in range(3):
        via = Attempt(number, by_proxy=True, may_go_direct=True)
        walked = walked.after(via, Classified(Verdict.PROXY_FAILED))
        walked = walked.after(Attempt(number), Classified(Verdict.RETRYABLE))
    assert walked.is_cooling_the_pool
    assert walked.tried == {0, 1, 2}


def test_after_two_overload_answers_of_one_provider_its_keys_go_last() -> None:
    overload = Classified(Verdict.RETRYABLE, is_overload=True)
    once = Trail().after(Attempt(1), overload)
    assert once.later == frozenset()
    assert once.after(Attempt(2, "openrouter"), overload).later == frozenset()
    assert once.after(Attempt(2), Classified(Verdict.RETRYABLE)).later == frozenset()
    assert once.after(Attempt(2), overload).later == {"gemini"}


def test_it_waits_in_line_for_a_key_that_is_back_within_thirty_seconds() -> None:
    soon, late = NOW + timedelta(seconds=30), NOW + timedelta(seconds=31)
    assert when_no_key(trail(), eligible_at=soon, now=NOW) == WaitInLine(soon)
    assert when_no_key(trail(), eligible_at=late, now=NOW) == LastResort()
    assert when_no_key(trail(), eligible_at=None, now=NOW) == LastResort()


def test_the_last_resort_is_two_keys_whichever_roads_they_take() -> None:
    failed = Classified(Verdict.RETRYABLE)
    one = Trail().after(
        Attempt(1, by_proxy=True, may_go_direct=True, is_last_resort=True), Classified(Verdict.PROXY_FAILED)
    )
    one = one.after(Attempt(1, is_last_resort=True), failed)
    assert when_no_key(one, eligible_at=None, now=NOW) == LastResort()
    two = one.after(Attempt(2, is_last_resort=True), failed)
    assert when_no_key(two, eligible_at=None, now=NOW) == Stop("service_unavailable")


def test_without_a_second_key_an_answer_without_an_image_is_terminal() -> None:
    assert when_no_key(trail(Verdict.NO_IMAGE), eligible_at=NOW, now=NOW) == Stop("no_image")


def test_our_own_mistake_is_called_internal() -> None:
    assert given_up(trail(Verdict.MISCONFIGURED)) == Stop("internal")
    assert given_up(trail(Verdict.RETRYABLE)) == Stop("service_unavailable")


@given(st.lists(st.sampled_from(Verdict), min_size=1, max_size=12))
def test_every_walk_ends_and_every_code_is_one_that_people_know(verdicts: list[Verdict]) -> None:
    known = {"content_policy", "invalid_request", "no_image", "service_unavailable", "internal"}
    walked = trail(*verdicts)
    step = next_step(walked, Attempt(), Classified(verdicts[-1]))
    ended = when_no_key(walked, eligible_at=None, now=NOW) if isinstance(step, NextKey) else step
    step = given_up(walked) if isinstance(ended, LastResort) else ended
    assert isinstance(step, Done) or (isinstance(step, Stop) and step.code in known)
    assert len(walked.tried) == len(verdicts)
