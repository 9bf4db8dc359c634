"""When a backup is due, which ones go, and what speaks against restoring one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.backups import rules
from nproxy.backups.rules import Header, Installation, MadeByNewer, Manifest, NotABackup

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
NIGHTLY = "30 3 * * *"
HEADER = Header(
    NOW, "1.0", [("a", "0001"), ("a", "0002"), ("b", "0001")], {"t": ["id"]}, ["k1"], has_files=True
)
HERE = Installation(frozenset(HEADER.migrations), frozenset({"k1", "k0"}), 0, None)
MOMENTS = st.integers(1_600_000_000, 2_200_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def test_header_and_manifest_read_back_as_written() -> None:
    assert rules.header(rules.to_json(HEADER)) == HEADER
    manifest = Manifest({"t": 3}, {"t_id_seq": 9}, 1, ["gone"], {"a": "b"})
    assert rules.manifest(rules.to_json(manifest)) == manifest


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"format": 1}', b"\xff"])
def test_what_is_no_header_is_no_backup(data: bytes) -> None:
    with pytest.raises(NotABackup):
        rules.header(data)


def test_another_format_is_told() -> None:
    with pytest.raises(NotABackup, match="format 2"):
        rules.header(rules.to_json(HEADER).replace(b'"format": 1', b'"format": 2'))


def test_a_backup_of_a_newer_nproxy_is_told_by_what_we_do_not_know() -> None:
    rules.check_known(HEADER, [*HEADER.migrations, ("a", "0003")])
    with pytest.raises(MadeByNewer, match=r"a\.0002"):
        rules.check_known(HEADER, [("a", "0001"), ("b", "0001")])


def test_an_empty_installation_has_nothing_to_say() -> None:
    assert rules.objections(HEADER, HERE) == []


def test_each_objection_is_a_sentence_of_its_own() -> None:
    here = Installation(HERE.migrations, frozenset({"k9"}), 3, NOW + timedelta(seconds=1))
    running, newer, keys = rules.objections(HEADER, here)
    assert "3 connections" in running
    assert "would be lost" in newer
    assert "k1" in keys


def test_an_older_installation_may_be_replaced() -> None:
    here = Installation(HERE.migrations, HERE.encryption_keys, 0, NOW)
    assert rules.objections(HEADER, here) == []


def test_the_leaves_are_what_nothing_applied_follows() -> None:
    parents = {("a", "0002"): [("a", "0001"), ("b", "0001")], ("a", "0003"): [("a", "0002")]}
    assert set(rules.leaves(HEADER.migrations, parents)) == {("a", "0002"), ("b", "0001")}


@given(st.lists(MOMENTS, min_size=1, max_size=30, unique=True), st.integers(1, 10))
def test_the_newest_stay_and_strangers_are_let_be(moments: list[datetime], keep: int) -> None:
    names = sorted({rules.file_name(moment) for moment in moments})
    dropped = rules.to_drop(["notes.txt", "nproxy-old.tar", *names], keep)
    assert dropped == names[: max(0, len(names) - keep)]


@given(MOMENTS)
def test_a_backup_made_when_it_was_due_is_never_late(now: datetime) -> None:
    due = rules.due_before(NIGHTLY, now - rules.GRACE)
    assert not rules.is_late(NIGHTLY, now, last=due, since=due - timedelta(days=9))
    assert rules.is_late(NIGHTLY, now, last=due - timedelta(hours=1), since=due - timedelta(days=9))


def test_none_at_all_is_late_once_one_was_due() -> None:
    assert rules.is_late(NIGHTLY, NOW, last=None, since=NOW - timedelta(days=2))
    assert not rules.is_late(NIGHTLY, NOW, last=None, since=NOW - timedelta(hours=1))


def test_a_part_that_is_altered_missing_or_added_is_found() -> None:
    promised = Manifest(sha256={"a": "1", "b": "2", "c": "3"})
    assert rules.differences({"a": "1", "b": "x", "d": "4"}, promised) == ["b", "c", "d"]
