"""Request ids: one for each request, in the answer and on every line that is logged for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client

from nproxy.accounts.models import User
from nproxy.cli import working
from nproxy.kit import logs

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> Callable[[str], list[dict]]:
    """The events with this name, as they were logged."""
    caplog.set_level(logging.INFO)
    return lambda name: [
        record.msg
        for record in caplog.records
        if isinstance(record.msg, dict) and record.msg["event"] == name
    ]


def test_each_answer_names_its_request_and_so_does_the_log(client: Client, written: Callable) -> None:
    first, second = (client.get("/accounts/login/").headers["X-Request-Id"] for _ in range(2))
    assert first != second
    told = written("request.answered")
    assert [each["request"] for each in told] == [first, second]
    assert told[0].items() >= {"method": "GET", "route": "accounts/login/", "status": 200}.items()


def test_no_line_holds_an_address_that_signs_somebody_in(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client.get("/accounts/confirm-email/very-secret-key/")
    assert "very-secret-key" not in caplog.text


def test_health_checks_are_not_logged(client: Client, written: Callable) -> None:
    assert "X-Request-Id" in client.get("/healthz").headers
    assert written("request.answered") == []


def test_a_turn_links_its_request_with_its_generations_and_their_jobs(
    browser: Client, person: User, written: Callable
) -> None:
    conversation = browser.post("/chat/", headers={"Accept": "application/json"}).json()["conversation"]
    answer = browser.post(
        f"/chat/{conversation}/turns/",
        {"prompt": "a banana", "client_id": str(uuid4())},
        headers={"Accept": "application/json"},
    )
    [queued] = written("generations.queued")
    assert queued["request"] == answer.headers["X-Request-Id"]
    assert queued["generations"] == [each["id"] for each in answer.json()["generations"]]
    assert len(queued["jobs"]) == 1


async def test_whatever_a_worker_logs_names_its_job() -> None:
    job = SimpleNamespace(id=7, task_name="generations.run", task_kwargs={"generation_id": "g-1"})

    async def work() -> dict[str, object]:
        return logs.ids()

    assert await working.named(work, SimpleNamespace(job=job), None) == {
        "job": "7",
        "task": "generations.run",
        "generation": "g-1",
    }
    assert logs.ids() == {}
