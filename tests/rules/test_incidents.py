"""Grouping: what is told of an incident, when, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from nproxy.notifications.rules.incidents import (
    CHANGED_AT_MOST_EVERY,
    FIRST_AFTER,
    LASTING,
    REPEATED_AFTER,
    SEVERITIES,
    Occurrence,
    Standing,
    Step,
    fold,
    is_silenced,
    next_step,
)
from nproxy.notifications.rules.quiet import SUMMARY_WITHIN, is_quiet, summary_due

BEGIN = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
KINDS = st.sampled_from([*sorted(LASTING), "payment.received", "mail.failed"])


@st.composite
def occurrences(draw: st.DrawFn) -> Occurrence:
    return Occurrence(
        at=BEGIN + timedelta(seconds=draw(st.integers(0, 3 * 86_400))),
        severity=draw(st.sampled_from(SEVERITIES)),
        text=draw(st.text(max_size=5)),
        is_recovery=draw(st.booleans()),
    )


def histories() -> st.SearchStrategy[list[Occurrence]]:
    return st.lists(occurrences(), max_size=30).map(lambda some: sorted(some, key=lambda each: each.at))


def step(standing: Standing, now: datetime, *, is_quiet: bool = False, is_silenced: bool = False) -> Step:
    return next_step(standing, now=now, is_quiet=is_quiet, is_silenced=is_silenced)


def told(standing: Standing, now: datetime) -> Standing:
    """As the teller notes a new message."""
    return replace(
        standing, told_at=now, touched_at=now, told_severity=standing.severity, told_count=standing.count
    )


@given(KINDS, histories())
def test_folding_counts_what_happened_and_keeps_the_worst(kind: str, history: list[Occurrence]) -> None:
    standing = fold(kind, "a", None, history)
    began = next((place for place, one in enumerate(history) if not one.is_recovery), None)
    if began is None:
        assert standing is None
        return
    happened = [one for one in history[began:] if not one.is_recovery]
    assert standing is not None
    assert standing.count == len(happened)
    assert standing.severity == max((one.severity for one in happened), key=SEVERITIES.index)
    assert standing.opened_at <= standing.last_at == happened[-1].at
    assert (standing.recovered_at is not None) == history[-1].is_recovery


@given(KINDS, histories(), st.integers(0, 30))
def test_folding_in_two_portions_is_folding_at_once(kind: str, history: list[Occurrence], cut: int) -> None:
    assert fold(kind, "a", fold(kind, "a", None, history[:cut]), history[cut:]) == fold(
        kind, "a", None, history
    )


@given(KINDS, histories(), st.integers(0, 5 * 86_400), st.booleans())
def test_nothing_is_told_in_the_first_half_minute_nor_of_what_was_over_by_then(
    kind: str, history: list[Occurrence], seconds: int, is_quiet: bool
) -> None:
    standing = fold(kind, "a", None, history)
    if standing is None:
        return
    now = standing.opened_at + timedelta(seconds=seconds)
    found = step(standing, now, is_quiet=is_quiet)
    if standing.recovered_at is not None:
        assert found is Step.CLOSE
    elif now - standing.opened_at < FIRST_AFTER:
        assert found is Step.NOTHING
    elif not is_quiet or standing.severity == "critical":
        assert found is Step.TELL
    else:
        assert found is Step.NOTHING


@given(st.sampled_from(SEVERITIES), st.booleans(), st.booleans())
def test_what_is_critical_and_speaks_for_itself_is_always_told(
    severity: str, is_quiet: bool, is_silenced: bool
) -> None:
    standing = Standing("keys.pool_exhausted", "", severity, "", 1, BEGIN, BEGIN)
    found = step(standing, BEGIN + FIRST_AFTER, is_quiet=is_quiet, is_silenced=is_silenced)
    is_held = is_silenced or (is_quiet and severity != "critical")
    assert found is (Step.NOTHING if is_held else Step.TELL)


@given(st.lists(st.integers(0, 33), max_size=30))
def test_a_thousand_failures_in_a_minute_are_one_message_and_one_change(bursts: list[int]) -> None:
    """`bursts`: how many happen in each two seconds of the minute; what is missing comes in the last."""
    seconds = [2 * place for place, size in enumerate(bursts) for _ in range(size)]
    seconds += [58] * (1000 - len(seconds))
    standing: Standing | None = None
    steps = []
    for second in range(0, 600, 2):
        now = BEGIN + timedelta(seconds=second)
        fresh = [Occurrence(now, "warning", "failed")] * seconds.count(second)
        standing = fold("keys.cooldown", "a", standing, fresh)
        if standing is None:
            continue
        found = step(standing, now)
        if found is Step.TELL:
            standing = told(standing, now)
        elif found is Step.CHANGE:
            standing = replace(standing, touched_at=now, told_count=standing.count)
        steps.append(found)
    assert standing is not None
    assert standing.told_count == 1000
    assert steps.count(Step.TELL) == 1
    assert steps.count(Step.CHANGE) <= 1


@given(st.integers(1, 1000), st.integers(0, 4 * 3600 - 1))
def test_a_message_changes_at_most_every_five_minutes_and_only_by_what_is_new(
    more: int, seconds: int
) -> None:
    standing = told(Standing("keys.cooldown", "a", "warning", "", 3, BEGIN, BEGIN), BEGIN)
    now = BEGIN + timedelta(seconds=seconds)
    assert step(standing, now) is Step.NOTHING
    grown = replace(standing, count=3 + more, last_at=now)
    expected = Step.CHANGE if now - BEGIN >= CHANGED_AT_MOST_EVERY else Step.NOTHING
    assert step(grown, now) is expected


@given(st.sampled_from(SEVERITIES), st.sampled_from(SEVERITIES))
def test_getting_worse_is_a_message_of_its_own_and_getting_milder_is_none(was: str, now_is: str) -> None:
    standing = told(Standing("keys.cooldown", "a", was, "", 1, BEGIN, BEGIN), BEGIN)
    after = fold("keys.cooldown", "a", standing, [Occurrence(BEGIN, now_is, "")])
    assert after is not None
    is_worse = SEVERITIES.index(now_is) > SEVERITIES.index(was)
    assert step(after, BEGIN) is (Step.TELL if is_worse else Step.NOTHING)


@given(KINDS, st.sampled_from(["warning", "critical"]))
def test_what_lasts_is_repeated_after_four_hours_and_what_has_happened_is_closed(
    kind: str, severity: str
) -> None:
    standing = told(Standing(kind, "a", severity, "", 1, BEGIN, BEGIN), BEGIN)
    assert step(standing, BEGIN + REPEATED_AFTER) is (Step.TELL if kind in LASTING else Step.CLOSE)


def test_quiet_for_four_hours_stops_repeating_but_not_getting_worse_nor_the_recovery() -> None:
    standing = told(Standing("keys.out_of_funds", "a", "warning", "", 1, BEGIN, BEGIN), BEGIN)
    later = BEGIN + REPEATED_AFTER
    hushed = replace(standing, hushed_until=later + timedelta(hours=1))
    assert step(hushed, later) is Step.NOTHING
    assert step(replace(hushed, severity="critical"), later) is Step.TELL
    assert step(replace(hushed, recovered_at=later), later) is Step.TELL_RECOVERY


def test_a_pool_without_keys_silences_its_keys_and_not_the_money() -> None:
    assert is_silenced("keys.out_of_funds", {"keys.pool_exhausted"})
    assert is_silenced("proxies.failing", {"keys.pool_exhausted"})
    assert not is_silenced("keys.pool_exhausted", {"keys.pool_exhausted"})
    assert not is_silenced("payment.in_review", {"keys.pool_exhausted", "workers.silent"})


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    st.integers(0, 23),
    st.integers(0, 23),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"]),
)
def test_a_window_and_its_complement_cover_the_day_without_overlap(
    now: datetime, begin: int, end: int, zone: str
) -> None:
    if begin == end:
        return
    place = ZoneInfo(zone)
    assert is_quiet(now, (begin, end), place) != is_quiet(now, (end, begin), place)
    assert not is_quiet(now, None, place)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    st.integers(0, 23),
)
def test_a_summary_is_due_at_its_hour_and_for_six_hours_more(now: datetime, hour: int) -> None:
    due = summary_due(now, hour, ZoneInfo("UTC"))
    since = (now - now.replace(hour=hour, minute=0, second=0, microsecond=0)) % timedelta(days=1)
    assert (due is not None) == (since <= SUMMARY_WITHIN)
    if due is not None:
        assert (due.hour, due.minute, now - due) == (hour, 0, since)
