from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from nproxy.audit import actions as audit
from nproxy.audit import queries
from nproxy.audit.models import AuditEntry
from nproxy.audit.rules import SYSTEM, Actor

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANNA = Actor(kind="operator", id="1", name="anna@example.com", origin="192.0.2.7")

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> AuditEntry:
    audit.record(
        actor=ANNA,
        action="key.disabled",
        target=("key", 7),
        now=NOW,
        before={"status": "active"},
        after={"status": "disabled"},
        reason="it leaked",
    )
    return AuditEntry.objects.get()


def test_an_entry_says_who_did_what_to_what_when_and_why(entry: AuditEntry) -> None:
    [read] = queries.entries(target=("key", 7))
    assert (read.at, read.actor_name, read.origin) == (NOW, "anna@example.com", "192.0.2.7")
    assert (read.action, read.reason) == ("key.disabled", "it leaked")
    assert (read.before, read.after) == ({"status": "active"}, {"status": "disabled"})


def test_entries_are_read_newest_first_and_by_target(entry: AuditEntry) -> None:
    audit.record(
        actor=SYSTEM,
        action="plan.changed",
        target=("plan", 1),
        now=NOW,
        before=None,
        after={"name": "Studio"},
    )
    assert [read.action for read in queries.entries()] == ["plan.changed", "key.disabled"]
    assert [read.action for read in queries.entries(target=("key", 7))] == ["key.disabled"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET reason = 'never mind'",
        "DELETE FROM audit_auditentry",
        "TRUNCATE audit_auditentry",
    ],
)
def test_the_database_refuses_to_rewrite_the_log(entry: AuditEntry, statement: str) -> None:
    with connection.cursor() as cursor:
        # The test suite empties tables itself and switches this trigger off for that.
        cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER audit_no_truncate")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(statement)
    assert AuditEntry.objects.get().reason == "it leaked"
