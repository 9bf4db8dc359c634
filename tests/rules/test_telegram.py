"""Codes, pairing, second taps, pace and words of the Telegram room."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.notifications.rules.incidents import Standing
from nproxy.telegram.rules import asking, menu, wording
from nproxy.telegram.rules.asking import Answer, Asked, answer, version_of
from nproxy.telegram.rules.codes import ALPHABET, as_typed, code_for, matching, word_for
from nproxy.telegram.rules.pace import (
    ALERTS_AT_MOST,
    ALERTS_WITHIN,
    IN_A_CHAT,
    IN_ALL,
    LONGEST_WAIT,
    Pace,
    is_crowded,
    wait_after,
)
from nproxy.telegram.rules.pairing import MOST_PENDING, SENT_AT_MOST_EVERY, VALID, Pending, Reply, reply_to

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
SECONDS = st.integers(-7200, 7200).map(lambda number: timedelta(seconds=number))


@given(st.uuids(), st.uuids(), st.binary(min_size=1), st.binary(min_size=1))
def test_a_code_belongs_to_one_request_and_one_secret(
    one: object, other: object, key: bytes, foreign: bytes
) -> None:
    code = code_for(one, key)
    assert re.fullmatch(f"[{ALPHABET}]{{8}}", code)
    assert code == code_for(one, key)
    assert (code == code_for(other, key)) == (one == other)
    assert (code == code_for(one, foreign)) == (key.rstrip(b"\0") == foreign.rstrip(b"\0"))
    assert code not in word_for(one, key)


@given(st.uuids(), st.binary(min_size=1), st.sampled_from(["", " ", "-"]))
def test_a_code_is_recognised_however_it_is_typed(request: object, key: bytes, between: str) -> None:
    code = code_for(request, key)
    typed = f" {code[:4].lower()}{between}{code[4:]}\n"
    assert matching(as_typed(typed), [("other", "AAAAAAAA"), ("it", code)]) == "it"
    assert matching(as_typed(typed[:-2]), [("it", code)]) is None


@given(SECONDS, SECONDS, st.integers(0, 5))
def test_strangers_get_one_code_an_hour_each_and_three_of_them_at_once(
    until_expiry: timedelta, since_sent: timedelta, pending: int
) -> None:
    own = Pending(NOW + until_expiry, NOW - since_sent)
    found = reply_to(own, pending=pending, now=NOW)
    if until_expiry > timedelta(0):
        assert found is (Reply.SAME_CODE if since_sent >= SENT_AT_MOST_EVERY else Reply.NOTHING)
    else:
        assert found is (Reply.NEW_CODE if pending < MOST_PENDING else Reply.NOTHING)
    assert reply_to(None, pending=pending, now=NOW) is (
        Reply.NEW_CODE if pending < MOST_PENDING else Reply.NOTHING
    )
    assert timedelta(hours=1) == VALID


@given(st.booleans(), st.booleans(), st.booleans(), st.integers(-120, 120))
def test_a_second_tap_goes_through_only_once_for_one_person_one_state_and_one_minute(
    is_theirs: bool, is_unused: bool, is_same: bool, seconds: int
) -> None:
    asked = Asked(
        admin_id=1 if is_theirs else 2,
        version="a" if is_same else "b",
        expires_at=NOW + timedelta(seconds=seconds),
        answered_at=None if is_unused else NOW,
    )
    found = answer(asked, admin_id=1, version="a", now=NOW)
    assert (found is Answer.GO) == (is_theirs and is_unused and is_same and seconds > 0)
    assert timedelta(seconds=60) == asking.VALID


@given(
    st.lists(st.one_of(st.none(), st.integers(), st.text())),
    st.lists(st.one_of(st.none(), st.integers(), st.text())),
)
def test_a_version_changes_with_any_of_its_facts(one: list[object], other: list[object]) -> None:
    if all("\0" not in fact for fact in (*one, *other) if isinstance(fact, str)):
        assert (version_of(*one) == version_of(*other)) == (one == other)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), min_size=1, max_size=60))
def test_the_pace_keeps_both_limits(chats: list[tuple[int, int]]) -> None:
    pace, now = Pace(), NOW
    sent: list[tuple[datetime, int]] = []
    for chat, pause in chats:
        now = pace.ready_at(chat, now + timedelta(seconds=pause))
        pace.spoke(chat, now)
        sent.append((now, chat))
    moments = [at for at, _ in sent]
    assert all(later - earlier >= IN_ALL for earlier, later in itertools.pairwise(moments))
    for chat in {chat for _, chat in sent}:
        own = [at for at, each in sent if each == chat]
        assert all(later - earlier >= IN_A_CHAT for earlier, later in itertools.pairwise(own))


@given(st.integers(0, 3600), st.integers(0, 3600))
def test_telegram_is_left_alone_for_as_long_as_it_asks(retry_after: int, later: int) -> None:
    pace = Pace()
    pace.hush(retry_after, NOW)
    assert pace.ready_at(1, NOW + timedelta(seconds=later)) == NOW + timedelta(
        seconds=max(retry_after, later)
    )


@given(st.lists(st.integers(0, 1200), max_size=40))
def test_fifteen_alerts_in_ten_minutes_are_a_crowd(ages: list[int]) -> None:
    sent = [NOW - timedelta(seconds=age) for age in ages]
    lately = [at for at in sent if NOW - at < ALERTS_WITHIN]
    assert is_crowded(sent, NOW) == (len(lately) >= ALERTS_AT_MOST)


@given(st.integers(1, 10_000))
def test_waits_grow_and_stay_below_five_minutes(failures: int) -> None:
    assert wait_after(failures) <= wait_after(failures + 1) <= LONGEST_WAIT


@given(
    kind=st.sampled_from([*wording.TITLES, "something.new"]),
    subject=st.text(max_size=128),
    text=st.text(max_size=9000),
    severity=st.sampled_from(["info", "warning", "critical"]),
    count=st.integers(1, 100_000),
)
def test_an_alert_fits_into_a_message_and_its_words_cannot_become_markup(
    kind: str, subject: str, text: str, severity: str, count: int
) -> None:
    standing = Standing(kind, subject, severity, text, count, NOW, NOW, recovered_at=NOW, recovery=text)
    for said in (
        wording.alert_text(standing, ZoneInfo("UTC")),
        wording.recovery_text(standing, ZoneInfo("UTC")),
        wording.digest_text([standing] * 60, ZoneInfo("UTC")),
    ):
        assert len(said) <= 4096
        assert set(re.findall(r"<[^>]*>", said)) <= {"<b>", "</b>", "<i>", "</i>"}
        assert said.count("<") == said.count(">")


@given(st.sampled_from([*wording.TITLES, "something.new"]), st.booleans(), st.integers(1, 2**63))
def test_an_alert_has_three_buttons_at_most_and_a_viewer_none_that_acts(
    kind: str, may_act: bool, incident: int
) -> None:
    buttons = [each for row in menu.under_alert(incident, kind, may_act=may_act) for each in row]
    assert len(buttons) <= 3
    verbs = {data.partition(":")[0] for _, data in buttons}
    assert verbs <= ({"fix", "more", "hush"} if may_act else {"more"})


def test_a_button_that_telegram_would_refuse_is_not_made() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        menu.button("x", "y" * 65)


@given(st.integers(0, 10**7))
def test_a_span_is_told_in_its_largest_unit(seconds: int) -> None:
    number, unit = wording.span(timedelta(seconds=seconds)).split()
    size = {"s": 1, "min": 60, "h": 3600, "days": 86_400}[unit]
    assert int(number) * size <= seconds < (int(number) + 1) * size
