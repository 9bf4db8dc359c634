"""What load balancers are told."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from nproxy.web.health import views


@pytest.fixture(autouse=True)
def _ask_the_store_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_store_was_well", float("-inf"))


def test_alive_needs_no_database() -> None:
    answer = Client().get("/healthz")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_database_queue_and_store_answer() -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "queue": "ok", "store": "ok"})


@pytest.mark.django_db
def test_not_ready_without_the_queue_and_says_so() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE procrastinate_jobs RENAME TO procrastinate_elsewhere")
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "queue": "unreachable", "store": "ok"}


@pytest.mark.django_db
def test_not_ready_when_the_store_cannot_be_written(settings: Any) -> None:
    settings.NPROXY_STORAGE_URL = "file:/dev/null/nowhere"
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["store"] == "unreachable"
