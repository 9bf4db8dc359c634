"""What runs by itself, and what it mends in the queue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from nproxy.clock import timetable

STALLED = """
    WITH gone AS (
        INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes') RETURNING id
    )
    INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id)
    SELECT %s, %s, 'doing', id FROM gone
"""


@pytest.fixture
def queue(transactional_db: None) -> Iterator[None]:
    """An empty queue: procrastinate's tables are none that the tests' cleaning knows."""
    _empty_queue()
    yield
    _empty_queue()


def _empty_queue() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_events CASCADE")


def entries() -> dict[str, str]:
    app.perform_import_paths()
    return {name: entry.cron for (name, _), entry in app.periodic_registry.periodic_tasks.items()}


def status_of(task: str) -> str:
    return ProcrastinateJob.objects.get(task_name=task).status


def test_every_entry_is_a_chore_that_does_not_pile_up() -> None:
    for name in entries():
        task = app.tasks[name]
        assert (task.queue, task.queueing_lock) == ("chores", name)


def test_payments_that_callbacks_miss_are_looked_for_every_twenty_seconds() -> None:
    assert entries()["clock.poll_payments"] == "* * * * * */20"


def test_silent_generations_are_looked_for_every_fifteen_seconds() -> None:
    assert entries()["clock.recover_generations"] == "* * * * * */15"


@pytest.mark.parametrize(("days", "asked"), [(None, []), (30, [timedelta(days=30)])])
def test_pictures_are_kept_unless_a_retention_is_set(
    days: int | None, asked: list[timedelta], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ages: list[timedelta] = []
    monkeypatch.setattr(
        timetable.generations, "delete_old", lambda *, ended_before, now: ages.append(now - ended_before)
    )
    settings.NPROXY_RETENTION_DAYS = days
    timetable.delete_old_pictures(0)
    assert ages == asked


@pytest.mark.usefixtures("queue")
def test_a_chore_of_a_dead_worker_runs_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute(STALLED, ["chores", "notifications.deliver"])
    async_to_sync(timetable.take_up_stalled_jobs)(0)
    assert status_of("notifications.deliver") == "todo"


@pytest.mark.usefixtures("queue")
def test_a_chore_of_a_dead_worker_ends_when_another_one_waits_and_holds_up_nobody() -> None:
    with connection.cursor() as cursor:
        for task in ("billing.handle", "notifications.deliver"):
            cursor.execute(STALLED, ["chores", task])
        cursor.execute(
            "UPDATE procrastinate_jobs SET queueing_lock = 'the same' WHERE task_name = 'billing.handle'"
        )
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, queueing_lock)"
            " VALUES ('chores', 'its twin', 'todo', 'the same')"
        )
    async_to_sync(timetable.take_up_stalled_jobs)(0)
    assert status_of("billing.handle") == "failed"
    assert (status_of("its twin"), status_of("notifications.deliver")) == ("todo", "todo")


@pytest.mark.usefixtures("queue")
def test_a_drawing_job_of_a_dead_worker_ends_and_leaves_the_rest_to_its_lease() -> None:
    with connection.cursor() as cursor:
        cursor.execute(STALLED, [timetable.PICTURES, "generations.run"])
    async_to_sync(timetable.take_up_stalled_jobs)(0)
    assert status_of("generations.run") == "failed"


@pytest.mark.usefixtures("queue")
def test_finished_jobs_are_forgotten_after_a_day_and_failed_ones_after_a_month() -> None:
    with connection.cursor() as cursor:
        for task, status, age in [
            ("fresh", "succeeded", "1 hour"),
            ("done", "succeeded", "2 days"),
            ("failed", "failed", "2 days"),
            ("long ago", "failed", "40 days"),
        ]:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('chores', %s, %s) RETURNING id",
                [task, status],
            )
            (job,) = cursor.fetchone()
            cursor.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [job])
            cursor.execute(
                "INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, %s, now() - %s::interval)",
                [job, status, age],
            )
    async_to_sync(timetable.forget_finished_jobs)(0)
    assert set(ProcrastinateJob.objects.values_list("task_name", flat=True)) == {"fresh", "failed"}
