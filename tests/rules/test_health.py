"""A key's health: cooldowns, failures counted once per recovery, and states that only a person ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.providers.rules.health import (
    ACTIVE,
    COOLDOWN,
    DISABLED,
    MANUAL_REVIEW,
    OUT_OF_FUNDS,
    KeyHealth,
    Limits,
    health_after,
    health_at_balance,
    returned_to_service,
)
from nproxy.providers.rules.verdict import Classified, Verdict

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LIMITS = Limits(cooldown=timedelta(minutes=5), max_failures=10)
NEW = KeyHealth(state=ACTIVE, state_since=START)
UNCHANGED_BY = [
    Verdict.NO_IMAGE,
    Verdict.ROUTE_BLOCKED,
    Verdict.PROXY_FAILED,
    Verdict.LOST,
    Verdict.MISCONFIGURED,
]


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def after(
    health: KeyHealth,
    verdict: Verdict | Classified,
    *,
    started: float = 0,
    ended: float = 1,
    suspect: UUID | None = None,
) -> KeyHealth:
    classified = verdict if isinstance(verdict, Classified) else Classified(verdict)
    return health_after(
        health, classified, started_at=at(started), now=at(ended), limits=LIMITS, suspect=suspect
    )


def test_a_retryable_failure_cools_the_key_for_five_minutes() -> None:
    cooled = after(NEW, Verdict.RETRYABLE)
    assert cooled.failures == 1
    assert cooled.status(at(2)) == COOLDOWN
    assert not cooled.is_eligible(at(300))
    assert cooled.status(at(301)) == ACTIVE


def test_requests_in_flight_that_fail_together_are_one_failure() -> None:
    cooled = after(NEW, Verdict.RETRYABLE, started=0, ended=5)
    for ended in range(6, 20):
        assert after(cooled, Verdict.RETRYABLE, started=4, ended=ended) == cooled


def test_the_eleventh_failure_in_a_row_asks_for_a_person() -> None:
    health, moment = NEW, 0.0
    for _ in range(10):
        health = after(health, Verdict.RETRYABLE, started=moment, ended=moment + 1)
        assert health.state == ACTIVE
        moment += 400
    health = after(health, Verdict.RETRYABLE, started=moment, ended=moment + 1)
    assert (health.state, health.failures) == (MANUAL_REVIEW, 11)


def test_a_success_after_the_recovery_forgets_the_failures() -> None:
    cooled = after(NEW, Verdict.RETRYABLE)
    recovered = after(cooled, Verdict.SUCCESS, started=400, ended=410)
    assert (recovered.failures, recovered.cooldown_until) == (0, None)


def test_a_late_success_from_before_the_cooldown_changes_nothing() -> None:
    cooled = after(NEW, Verdict.RETRYABLE, started=0, ended=5)
    assert after(cooled, Verdict.SUCCESS, started=0, ended=9) == cooled


def test_a_late_failure_from_before_a_cooldown_that_is_over_changes_nothing() -> None:
    cooled = after(NEW, Verdict.RETRYABLE, started=0, ended=5)
    recovered = after(cooled, Verdict.SUCCESS, started=400, ended=410)
    assert after(recovered, Verdict.RETRYABLE, started=0, ended=420) == recovered


def test_an_answer_to_the_persons_mistake_forgets_the_failures_too() -> None:
    cooled = after(NEW, Verdict.RETRYABLE)
    assert after(cooled, Verdict.USER_ERROR, started=400, ended=410).failures == 0


@pytest.mark.parametrize("verdict", UNCHANGED_BY)
def test_what_is_not_the_keys_fault_leaves_it_alone(verdict: Verdict) -> None:
    cooled = after(NEW, Verdict.RETRYABLE)
    assert after(NEW, verdict) == NEW
    assert after(cooled, verdict, started=400, ended=410) == cooled


def test_a_rate_limit_cools_as_long_as_asked_and_is_no_failure() -> None:
    asked = after(NEW, Classified(Verdict.RATE_LIMITED, retry_after=timedelta(seconds=21)), ended=10)
    assert (asked.cooldown_until, asked.failures) == (at(31), 0)
    until = after(NEW, Classified(Verdict.RATE_LIMITED, until=at(5000)))
    assert until.cooldown_until == at(5000)
    assert after(NEW, Verdict.RATE_LIMITED, ended=10).cooldown_until == at(310)


def test_missing_money_and_a_rejected_key_stop_it_at_once() -> None:
    assert after(NEW, Verdict.OUT_OF_FUNDS).state == OUT_OF_FUNDS
    assert after(NEW, Verdict.KEY_REJECTED).state == MANUAL_REVIEW


def test_news_from_before_the_return_to_service_are_stale() -> None:
    back = returned_to_service(at(100), reason="paid")
    assert after(back, Verdict.KEY_REJECTED, started=99, ended=101) == back
    assert after(back, Verdict.KEY_REJECTED, started=100, ended=101).state == MANUAL_REVIEW


def test_a_5xx_leaves_its_generation_under_suspicion_and_nothing_else_does() -> None:
    wish = UUID(int=1)
    assert after(NEW, Verdict.RETRYABLE, suspect=wish).suspect == wish
    assert after(NEW, Verdict.RETRYABLE).suspect is None
    assert after(after(NEW, Verdict.RETRYABLE, suspect=wish), Verdict.RATE_LIMITED, started=2).suspect is None


def test_a_last_resort_that_fails_with_a_5xx_too_leaves_the_key_as_it_was() -> None:
    cooled = after(NEW, Verdict.RETRYABLE, suspect=UUID(int=1))
    assert after(cooled, Verdict.RETRYABLE, started=50, ended=60, suspect=UUID(int=2)) == cooled


def test_a_last_resort_that_finds_the_key_dead_clears_the_suspected_generation() -> None:
    cooled = after(NEW, Verdict.RETRYABLE, suspect=UUID(int=1))
    dead = after(cooled, Verdict.RETRYABLE, started=50, ended=60)
    assert dead == replace(cooled, suspect=None)


def test_a_last_resort_that_succeeds_ends_the_cooldown() -> None:
    cooled = after(NEW, Verdict.RETRYABLE, suspect=UUID(int=1))
    back = after(cooled, Verdict.SUCCESS, started=50, ended=60)
    assert (back.is_eligible(at(61)), back.failures, back.suspect) == (True, 0, None)


def test_a_last_resort_that_meets_a_rate_limit_never_shortens_the_cooldown() -> None:
    cooled = after(NEW, Verdict.RETRYABLE, suspect=UUID(int=1))
    limited = Classified(Verdict.RATE_LIMITED, retry_after=timedelta(seconds=5))
    assert after(cooled, limited, started=50, ended=60).cooldown_until == cooled.cooldown_until


def test_a_balance_of_zero_or_less_stops_an_active_key_only() -> None:
    assert health_at_balance(NEW, 0, asked_at=at(1), now=at(2)).state == OUT_OF_FUNDS
    assert health_at_balance(NEW, -5, asked_at=at(1), now=at(2)).state == OUT_OF_FUNDS
    assert health_at_balance(NEW, 1, asked_at=at(1), now=at(2)) == NEW
    assert health_at_balance(NEW, None, asked_at=at(1), now=at(2)) == NEW
    for state in (OUT_OF_FUNDS, MANUAL_REVIEW, DISABLED):
        stopped = KeyHealth(state=state, state_since=START)
        for balance in (None, -1, 0, 1_000_000):
            assert health_at_balance(stopped, balance, asked_at=at(1), now=at(2)) == stopped


def test_a_balance_from_before_the_return_to_service_is_stale() -> None:
    back = returned_to_service(at(100), reason="topped up")
    assert health_at_balance(back, 0, asked_at=at(99), now=at(101)) == back


VERDICTS = st.sampled_from(Verdict).map(Classified)
# Attempts as (start, length, verdict): any number, overlapping in any way, reported in the order they end.
ATTEMPTS = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 900), VERDICTS), max_size=40)


def reported(health: KeyHealth, attempts: list[tuple[int, int, Classified]]) -> list[KeyHealth]:
    states = [health]
    for start, length, classified in sorted(attempts, key=lambda one: one[0] + one[1]):
        states.append(after(states[-1], classified, started=start, ended=start + length))
    return states


@given(attempts=ATTEMPTS, state=st.sampled_from([OUT_OF_FUNDS, MANUAL_REVIEW, DISABLED]))
def test_no_sequence_of_attempts_brings_a_stopped_key_back(
    attempts: list[tuple[int, int, Classified]], state: str
) -> None:
    stopped = KeyHealth(state=state, state_since=START)
    assert reported(stopped, attempts)[-1] == stopped


@given(attempts=ATTEMPTS)
def test_once_stopped_a_key_stays_stopped(attempts: list[tuple[int, int, Classified]]) -> None:
    states = [health.state for health in reported(NEW, attempts)]
    stopped = [state for state in states if state != ACTIVE]
    assert states == [ACTIVE] * (len(states) - len(stopped)) + stopped
    assert len(set(stopped)) <= 1


@given(attempts=ATTEMPTS)
def test_failures_grow_by_one_at_most_once_per_cooldown(attempts: list[tuple[int, int, Classified]]) -> None:
    for before, now in zip(states := reported(NEW, attempts), states[1:], strict=False):
        assert now.failures in {0, before.failures, before.failures + 1}
        if now.failures > before.failures and now.state == ACTIVE:
            assert now.cooldown_since is not None
            assert now.cooldown_since != before.cooldown_since


@given(attempts=ATTEMPTS)
def test_a_key_reviews_itself_only_when_rejected_or_after_more_than_ten_failures(
    attempts: list[tuple[int, int, Classified]],
) -> None:
    harmless = [one for one in attempts if one[2].verdict is not Verdict.KEY_REJECTED]
    last = reported(NEW, harmless)[-1]
    assert (last.state == MANUAL_REVIEW) == (last.failures > LIMITS.max_failures)


@given(attempts=ATTEMPTS, started=st.integers(0, 900), verdict=VERDICTS)
def test_an_attempt_older_than_the_cooldown_changes_nothing(
    attempts: list[tuple[int, int, Classified]], started: int, verdict: Classified
) -> None:
    health = reported(NEW, attempts)[-1]
    if health.cooldown_since is not None and at(started) <= health.cooldown_since:
        assert after(health, verdict, started=started, ended=9999) == health
