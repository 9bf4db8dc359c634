"""Which key next and when to stop, without a key in sight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.providers.rules import Classified, Verdict
from nproxy.routing.rules import Done, NextKey, Stop, Trail, WaitInLine, next_step, when_no_key

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def trail(*verdicts: Verdict) -> Trail:
    made = Trail()
    for number, verdict in enumerate(verdicts):
        made = made.after(key_id=number, provider="gemini", verdict=verdict)
    return made


def step_after(*verdicts: Verdict, user_code: str = "") -> object:
    return next_step(trail(*verdicts), Classified(verdicts[-1], user_code=user_code))


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


def test_it_waits_in_line_for_a_key_that_is_back_within_thirty_seconds() -> None:
    soon, late = NOW + timedelta(seconds=30), NOW + timedelta(seconds=31)
    assert when_no_key(trail(), eligible_at=soon, now=NOW) == WaitInLine(soon)
    assert when_no_key(trail(), eligible_at=late, now=NOW) == Stop("service_unavailable")
    assert when_no_key(trail(), eligible_at=None, now=NOW) == Stop("service_unavailable")


def test_without_a_second_key_an_answer_without_an_image_is_terminal() -> None:
    assert when_no_key(trail(Verdict.NO_IMAGE), eligible_at=NOW, now=NOW) == Stop("no_image")


def test_our_own_mistake_is_called_internal() -> None:
    assert when_no_key(trail(Verdict.MISCONFIGURED), eligible_at=None, now=NOW) == Stop("internal")


@given(st.lists(st.sampled_from(Verdict), min_size=1, max_size=12))
def test_every_walk_ends_and_every_code_is_one_that_people_know(verdicts: list[Verdict]) -> None:
    known = {"content_policy", "invalid_request", "no_image", "service_unavailable", "internal"}
    walked = trail(*verdicts)
    step = next_step(walked, Classified(verdicts[-1]))
    if isinstance(step, NextKey):
        step = when_no_key(walked, eligible_at=None, now=NOW)
    assert isinstance(step, Done) or (isinstance(step, Stop) and step.code in known)
    assert len(walked.tried) == len(verdicts)
