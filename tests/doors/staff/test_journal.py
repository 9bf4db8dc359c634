"""The audit log as operators read it."""

from __future__ import annotations

import csv
import io
import itertools

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from tests.doors.staff.seats import Seat, address

from nproxy.audit import actions as audit
from nproxy.audit import queries
from nproxy.audit.models import AuditEntry
from nproxy.audit.rules import Actor
from nproxy.staff.exporting import ROWS
from nproxy.staff.spreadsheet import cell, spreadsheet

pytestmark = pytest.mark.django_db


def record(action: str, **given: object) -> AuditEntry:
    actor = Actor(kind="telegram", id="7", name="Ann", origin="bot")
    given = {"before": None, "after": None} | given
    audit.record(actor=actor, action=action, target=("key", 5), now=timezone.now(), **given)
    return AuditEntry.objects.latest("pk")


def test_an_entry_shows_who_when_from_where_what_and_why(viewer: Seat) -> None:
    entry = record("key.disabled", before={"state": "active"}, after={"state": "disabled"}, reason="leaked")
    page = viewer.opens(address(AuditEntry, entry.pk))
    for words in (
        "Ann",
        "telegram",
        "bot",
        "key.disabled",
        "leaked",
        "<del>active</del>",
        "<ins>disabled</ins>",
    ):
        assert words in page


def test_the_log_is_filtered_by_action_actor_and_target(viewer: Seat) -> None:
    there = address(AuditEntry, record("key.disabled").pk)
    other = address(AuditEntry, record("key.added").pk)
    page = viewer.opens(f"{address(AuditEntry)}?action=key.disabled&actor_kind=telegram&q=5")
    assert there in page
    assert other not in page
    assert queries.actions_seen() == sorted({"key.disabled", "key.added"})


def test_the_export_holds_what_the_filters_leave_and_is_an_entry_itself(viewer: Seat) -> None:
    record("key.disabled", reason="=cmd|' /C calc'!A0", after={"state": "disabled"})
    record("key.added")
    response = viewer.client.get(f"{address(AuditEntry)}export/?action=key.disabled")
    assert response.headers["Content-Disposition"].startswith('attachment; filename="nproxy-audit-')
    [row] = csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig")))
    assert (row["action"], row["actor_name"], row["after"]) == (
        "key.disabled",
        "Ann",
        '{"state": "disabled"}',
    )
    assert row["reason"] == "'=cmd|' /C calc'!A0"
    assert AuditEntry.objects.latest("pk").action == "audit.exported"


def test_an_export_holds_every_row_however_many_they_are(viewer: Seat) -> None:
    count = 2 * ROWS + 7
    entry = {"actor_kind": "cli", "action": "key.added", "target_kind": "key", "at": timezone.now()}
    AuditEntry.objects.bulk_create(AuditEntry(target_id=str(number), **entry) for number in range(count))
    response = viewer.client.get(f"{address(AuditEntry)}export/?action=key.added")
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert [row["target_id"] for row in rows] == [str(number) for number in reversed(range(count))]


def test_a_spreadsheet_without_end_begins_at_once() -> None:
    endless = spreadsheet("numbers", ["number"], ([number] for number in itertools.count()))
    begin = next(iter(endless.streaming_content))
    assert begin.decode("utf-8-sig").splitlines()[:3] == ["number", "0", "1"]
    endless.close()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1"])
def test_nothing_in_a_spreadsheet_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_auditentry SET reason = ''", "DELETE FROM audit_auditentry"],
)
def test_the_database_itself_keeps_the_log_as_it_is(statement: str) -> None:
    record("key.disabled")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEntry.objects.count() == 1


def test_an_export_with_filters_that_make_no_sense_leads_back_to_the_list(viewer: Seat) -> None:
    answer = viewer.client.get(f"{address(AuditEntry)}export/?id__exact=nonsense")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{address(AuditEntry)}?e=1")


def test_no_page_changes_or_removes_an_entry(owner: Seat) -> None:
    entry = record("key.disabled")
    for where in ("change", "delete"):
        there = address(AuditEntry, entry.pk).replace("change", where)
        assert owner.client.post(there, {"reason": "x", "post": "yes"}).status_code == 403
    assert AuditEntry.objects.filter(pk=entry.pk, reason="").exists()
