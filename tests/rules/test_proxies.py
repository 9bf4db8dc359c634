"""A proxy's health: three failed routes in a row and it is skipped for a minute, then one tries it for all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.providers.rules import Classified, Verdict
from nproxy.providers.rules.news import proxy_news
from nproxy.providers.rules.proxies import GO_AROUND, ProxyHealth, proxy_after

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NEW = ProxyHealth()


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def after(
    health: ProxyHealth, verdict: Verdict, *, started: float = 0, ended: float = 1, answered: bool = False
) -> ProxyHealth:
    classified = Classified(verdict, detail="refused")
    return proxy_after(health, classified, is_answered=answered, started_at=at(started), now=at(ended))


def failed(times: int) -> ProxyHealth:
    health = NEW
    for number in range(times):
        health = after(health, Verdict.PROXY_FAILED, started=number, ended=number + 0.5)
    return health


def test_three_failed_routes_in_a_row_skip_it_for_a_minute() -> None:
    assert not failed(2).is_skipped(at(3))
    skipped = failed(3)
    assert (skipped.skipped_at, skipped.last_error) == (at(2.5), "refused")
    assert skipped.is_skipped(at(62))
    assert not skipped.is_skipped(at(62.5))


def test_an_answer_in_between_starts_the_count_anew() -> None:
    answered = after(failed(2), Verdict.RETRYABLE, started=3, ended=4, answered=True)
    assert (answered.failures, answered.last_success_at) == (0, at(4))


def test_an_address_that_the_provider_refuses_is_the_proxys_fault() -> None:
    assert after(NEW, Verdict.ROUTE_BLOCKED, answered=True).failures == 1


def test_a_timeout_behind_the_proxy_says_nothing_about_it() -> None:
    assert after(failed(2), Verdict.RETRYABLE, started=3, ended=200) == failed(2)


def test_after_the_minute_one_failure_skips_it_again_and_one_answer_frees_it() -> None:
    again = after(failed(3), Verdict.PROXY_FAILED, started=63, ended=73)
    assert again.is_skipped(at(100))
    freed = after(failed(3), Verdict.SUCCESS, started=63, ended=80, answered=True)
    assert (freed.failures, freed.skipped_at) == (0, None)


def test_attempts_from_before_it_was_found_out_change_nothing() -> None:
    for verdict, answered in ((Verdict.PROXY_FAILED, False), (Verdict.SUCCESS, True)):
        assert after(failed(3), verdict, started=1, ended=30, answered=answered) == failed(3)


def test_a_success_is_written_down_every_half_minute_only() -> None:
    fresh = after(NEW, Verdict.SUCCESS, ended=1, answered=True)
    assert after(fresh, Verdict.SUCCESS, started=5, ended=9, answered=True) is fresh
    assert after(fresh, Verdict.SUCCESS, started=5, ended=40, answered=True).last_success_at == at(40)


def test_being_skipped_and_being_back_are_told_once() -> None:
    assert proxy_news("berlin", failed(1), failed(2)) is None
    told = proxy_news("berlin", failed(2), failed(3))
    assert told is not None
    assert (told.kind, "berlin" in told.text) == ("proxies.failing", True)
    again = after(failed(3), Verdict.PROXY_FAILED, started=63, ended=73)
    assert proxy_news("berlin", failed(3), again) is None
    back = proxy_news("berlin", failed(3), NEW)
    assert back is not None
    assert (back.kind, back.is_over) == ("proxies.failing", True)


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - GO_AROUND))
def test_no_other_verdict_ever_counts_against_a_proxy(verdict: Verdict) -> None:
    assert after(failed(2), verdict, started=5, ended=9).failures == 2


ROUTES = st.lists(st.tuples(st.integers(0, 600), st.integers(0, 90), st.sampled_from(Verdict), st.booleans()))


@given(routes=ROUTES)
def test_it_is_skipped_only_with_three_failures_on_record(
    routes: list[tuple[int, int, Verdict, bool]],
) -> None:
    health = NEW
    for start, length, verdict, answered in sorted(routes, key=lambda one: one[0] + one[1]):
        health = after(health, verdict, started=start, ended=start + length, answered=answered)
        assert (health.skipped_at is not None) == (health.failures >= 3)
