"""Alerts become incidents, whoever gathers them, and none is counted twice."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from nproxy.notifications import actions as notifications
from nproxy.notifications import queries
from nproxy.notifications.models import Alert, Incident

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
KIND = "keys.out_of_funds"


def trouble(
    times: int = 1, *, subject: str = "main 1", severity: str = "warning", at: datetime = NOW
) -> None:
    for _ in range(times):
        notifications.alert(kind=KIND, subject=subject, severity=severity, text="It is empty.", now=at)


@pytest.mark.django_db
def test_what_has_the_same_kind_and_subject_is_one_incident_that_counts() -> None:
    trouble(3)
    trouble(2, subject="main 2")
    assert notifications.gather(now=NOW) == 5
    assert [(one.standing.subject, one.standing.count) for one in queries.open_incidents()] == [
        ("main 1", 3),
        ("main 2", 2),
    ]
    trouble(severity="critical")
    assert notifications.gather(now=NOW) == 1
    assert notifications.gather(now=NOW) == 0
    standing = queries.open_incidents()[0].standing
    assert (standing.count, standing.severity) == (4, "critical")


@pytest.mark.django_db
def test_a_recovery_belongs_to_what_is_open_and_to_nothing_else() -> None:
    notifications.recovered(kind=KIND, subject="main 1", text="It has money.", now=NOW)
    notifications.gather(now=NOW)
    assert queries.open_incidents() == []
    trouble()
    notifications.gather(now=NOW)
    notifications.recovered(kind=KIND, subject="main 1", text="It has money.", now=NOW)
    notifications.gather(now=NOW)
    (found,) = queries.open_incidents()
    assert found.standing.recovered_at == NOW
    trouble()
    notifications.gather(now=NOW)
    (found,) = queries.open_incidents()
    assert found.standing.recovered_at is None


@pytest.mark.django_db
def test_after_its_end_the_same_trouble_is_another_incident() -> None:
    trouble()
    notifications.gather(now=NOW)
    (first,) = queries.open_incidents()
    assert notifications.close(incident_id=first.id, now=NOW)
    assert not notifications.close(incident_id=first.id, now=NOW)
    trouble()
    notifications.gather(now=NOW)
    (second,) = queries.open_incidents()
    assert second.id != first.id


@pytest.mark.django_db
def test_the_database_keeps_one_incident_open_for_a_subject() -> None:
    trouble()
    notifications.gather(now=NOW)
    row = Incident.objects.values().get() | {"id": None}
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.create(**row)


@pytest.mark.django_db
def test_gathering_leaves_what_the_teller_wrote_alone() -> None:
    trouble()
    notifications.gather(now=NOW)
    (one,) = queries.open_incidents()
    notifications.note_told(incident_id=one.id, severity="warning", count=1, is_new=True, now=NOW)
    notifications.hush(incident_id=one.id, now=NOW)
    trouble(4)
    notifications.gather(now=NOW)
    standing = queries.open_incidents()[0].standing
    assert (standing.count, standing.told_count, standing.told_at) == (5, 1, NOW)
    assert standing.hushed_until == NOW + timedelta(hours=4)


@pytest.mark.django_db
def test_alerts_count_as_unsent_until_somebody_has_heard_of_them() -> None:
    trouble(2)
    notifications.recovered(kind=KIND, subject="other", text="", now=NOW)
    assert (queries.unsent().count, queries.unsent().oldest) == (2, NOW)
    notifications.gather(now=NOW)
    (one,) = queries.open_incidents()
    notifications.note_heard(incident_id=one.id, now=NOW)
    assert queries.unsent().count == 0
    trouble(subject="over before anybody was told")
    notifications.gather(now=NOW)
    notifications.close(incident_id=queries.open_incidents()[-1].id, now=NOW)
    assert queries.unsent().count == 0


@pytest.mark.django_db
def test_what_is_old_and_over_is_forgotten_and_what_goes_on_is_kept() -> None:
    trouble(subject="over")
    trouble(subject="goes on")
    notifications.gather(now=NOW)
    over, _ = queries.open_incidents()
    notifications.close(incident_id=over.id, now=NOW)
    assert notifications.forget_old_alerts(now=NOW + timedelta(days=89)) == 0
    assert notifications.forget_old_alerts(now=NOW + timedelta(days=91)) == 1
    assert [one.subject for one in Incident.objects.all()] == ["goes on"]


@pytest.mark.django_db(transaction=True)
def test_gathered_from_several_sides_at_once_every_alert_counts_once() -> None:
    stop = threading.Event()

    def gather() -> None:
        try:
            while not stop.is_set():
                notifications.gather(now=NOW)
        finally:
            connection.close()

    def happen() -> None:
        try:
            trouble(40)
        finally:
            connection.close()

    gatherers = [threading.Thread(target=gather) for _ in range(3)]
    sufferers = [threading.Thread(target=happen) for _ in range(4)]
    for thread in (*gatherers, *sufferers):
        thread.start()
    for thread in sufferers:
        thread.join()
    stop.set()
    for thread in gatherers:
        thread.join()
    notifications.gather(now=NOW)
    assert Alert.objects.filter(gathered_at=None).count() == 0
    assert [one.standing.count for one in queries.open_incidents()] == [160]
