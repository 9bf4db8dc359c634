"""Which conditions are worth an alert, and which troubles are over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nproxy.bot.rules import (
    CLOCK_LATE_AFTER,
    ENOUGH_ENDS,
    POOL_CALM,
    KeyNow,
    PoolNow,
    WorkerNow,
    clock_conditions,
    end_of,
    rate_conditions,
    workers_conditions,
)
from nproxy.notifications.rules.incidents import LASTING, Standing

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
STATUSES = ("active", "cooldown", "out_of_funds", "manual_review", "disabled")


def standing(kind: str, subject: str = "a", last_at: datetime = NOW) -> Standing:
    return Standing(kind, subject, "warning", "", 1, NOW - timedelta(hours=1), last_at)


def pool(key: KeyNow | None = None, *, skipped: tuple[str, ...] = (), pools: tuple[str, ...] = ()) -> PoolNow:
    return PoolNow({"a": key} if key else {}, skipped, pools)


def worker(host: str, began: int, *, alive: bool) -> WorkerNow:
    return WorkerNow(host, began, NOW + timedelta(seconds=began), NOW, alive)


WORKERS = st.lists(
    st.builds(worker, st.sampled_from("ab"), st.integers(0, 50), alive=st.booleans()),
    max_size=6,
    unique_by=lambda one: one.pid,
)


@given(WORKERS)
def test_no_worker_alive_is_critical_and_a_silent_one_counts_until_its_host_has_another(
    workers: list[WorkerNow],
) -> None:
    found = workers_conditions(workers)
    if not any(one.is_alive for one in workers):
        assert [(each.kind, each.severity) for each in found] == [("workers.silent", "critical")]
        return
    newest = {one.host: one for one in sorted(workers, key=lambda one: one.started_at)}
    lost = [one.name for one in newest.values() if not one.is_alive]
    assert sorted(each.subject for each in found) == sorted(lost)
    assert {each.kind for each in found} <= {"worker.silent"}


@given(st.integers(0, 3600))
def test_a_clock_is_late_after_five_minutes_or_when_it_never_ticked(seconds: int) -> None:
    late = clock_conditions(NOW - timedelta(seconds=seconds), NOW)
    assert bool(late) == (seconds >= CLOCK_LATE_AFTER.total_seconds())
    assert clock_conditions(None, NOW)


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_rate_needs_enough_ends_and_grows_worse_with_failures(succeeded: int, failed: int) -> None:
    found = rate_conditions(succeeded, failed)
    ends = succeeded + failed
    if ends < ENOUGH_ENDS or failed * 5 < ends:
        assert found == []
    else:
        assert found[0].severity == ("critical" if failed * 2 >= ends else "warning")


@given(st.sampled_from(["cooldown", "out_of_funds", "manual_review"]), st.sampled_from(STATUSES))
def test_a_keys_trouble_lasts_exactly_while_its_status_says_so(trouble: str, status: str) -> None:
    text = end_of(standing(f"keys.{trouble}"), pool(KeyNow(status, None, None)), NOW)
    assert (text is None) == (status == trouble)
    assert text is None or ("in service" in text) == (status == "active")
    assert end_of(standing(f"keys.{trouble}"), pool(), NOW) == "Key a is gone from the pool."


@given(st.none() | st.integers(-10, 10), st.none() | st.integers(0, 10))
def test_a_balance_is_low_exactly_at_and_below_its_threshold(
    balance: int | None, threshold: int | None
) -> None:
    text = end_of(standing("keys.low_balance"), pool(KeyNow("active", balance, threshold)), NOW)
    is_low = balance is not None and threshold is not None and balance <= threshold
    assert (text is None) == is_low


@given(st.booleans(), st.integers(0, 300))
def test_a_pool_is_believed_after_a_calm_minute_with_a_key(is_open: bool, seconds: int) -> None:
    exhausted = standing("keys.pool_exhausted", last_at=NOW - timedelta(seconds=seconds))
    text = end_of(exhausted, pool(pools=("a",) if is_open else ()), NOW)
    assert (text is not None) == (is_open and seconds >= POOL_CALM.total_seconds())


def test_a_proxy_is_back_when_it_is_no_longer_skipped() -> None:
    assert end_of(standing("proxies.failing"), pool(skipped=("a",)), NOW) is None
    assert end_of(standing("proxies.failing"), pool(), NOW) == "Proxy a is in use again."


def test_what_happens_by_itself_or_elsewhere_has_no_end_here() -> None:
    theirs = {"keys.cooldown", "keys.out_of_funds", "keys.manual_review", "keys.low_balance"}
    others = LASTING - theirs - {"proxies.failing", "keys.pool_exhausted"}
    assert [kind for kind in (*others, "payment.received") if end_of(standing(kind), pool(), NOW)] == []
