"""The run of one generation against a real provider stand-in, a real store and a real database."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings
from tests.rooms.generations.conftest import NOW, Person

from nproxy.assets import actions as assets
from nproxy.assets.models import Asset
from nproxy.audit.rules import SYSTEM
from nproxy.conversations.rules import Wish
from nproxy.generations import actions as generations
from nproxy.generations import rules, run
from nproxy.generations.models import Generation
from nproxy.kit import logs
from nproxy.kit.threads import in_database
from nproxy.providers import actions as providers
from nproxy.providers.models import Attempt
from nproxy.quota import queries as quota
from nproxy_sandbox.testing import Running, running_gemini

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(settings: Settings) -> Iterator[Running]:
    with running_gemini(flat_bytes=40_000) as running:
        settings.NPROXY_GEMINI_BASE_URL = running.base_url
        yield running


def add_key(secret: str) -> None:
    providers.add_key(provider="gemini", label=secret, secret=secret, actor=SYSTEM, now=NOW)


def row(generation_id: UUID) -> Generation:
    return Generation.objects.get(pk=generation_id)


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that is bound to happen; a test that waits in vain ends by the runner's time limit."""
    while not await happened():  # noqa: ASYNC110 - another thread makes it happen, in the database
        await asyncio.sleep(0.02)


def test_a_wish_becomes_a_stored_picture_and_one_used_request(provider: Running) -> None:
    add_key("AQ.sandbox-ok-one")
    person = Person()
    wish = person.wish()
    asyncio.run(run.carry_out(wish))
    done = row(wish)
    assert (done.status, done.error_code) == ("succeeded", "")
    asset = Asset.objects.get(pk=done.asset_id)
    assert (asset.media_type, asset.user_id) == ("image/jpeg", person.id)
    assert (person.counters().used, person.counters().held) == (1, 0)


@pytest.mark.parametrize(("secret", "event"), [("AQ.sandbox-ok-1", "succeeded"), ("", "failed")])
def test_the_worker_s_log_says_how_each_generation_ended_and_names_its_job(
    provider: Running, caplog: pytest.LogCaptureFixture, secret: str, event: str
) -> None:
    caplog.set_level(logging.INFO)
    if secret:
        add_key(secret)
    wish = Person().wish()
    with logs.within(job=7, task="generations.run"):  # as the worker does around each job
        asyncio.run(run.carry_out(wish))
    [line] = [each.msg for each in caplog.records if f"generation.{event}" in str(each.msg)]
    assert line.items() >= {"job": "7", "task": "generations.run", "generation": str(wish)}.items()


def test_a_broken_key_is_never_the_person_s_problem(provider: Running) -> None:
    for secret in ("AQ.sandbox-leaked-1", "AQ.sandbox-internal-2", "AQ.sandbox-ok-3"):
        add_key(secret)
    wish = Person().wish()
    asyncio.run(run.carry_out(wish))
    assert row(wish).status == "succeeded"


def test_a_refused_prompt_fails_in_one_call_and_costs_nothing(provider: Running) -> None:
    for secret in ("AQ.sandbox-ok-1", "AQ.sandbox-ok-2"):
        add_key(secret)
    person = Person()
    wish = person.send(prompt="[fault:IMAGE_SAFETY]").generations[0][0]
    asyncio.run(run.carry_out(wish))
    assert (row(wish).status, row(wish).error_code) == ("failed", "content_policy")
    assert Attempt.objects.count() == 1
    assert (person.counters().used, person.counters().held) == (0, 0)


def test_without_any_key_the_person_gets_one_clear_error(provider: Running) -> None:
    person = Person()
    wish = person.wish()
    asyncio.run(run.carry_out(wish))
    assert (row(wish).status, row(wish).error_code) == ("failed", "service_unavailable")
    assert person.counters().held == 0


def test_running_the_same_job_twice_draws_once(provider: Running) -> None:
    add_key("AQ.sandbox-ok-one")
    person = Person()
    wish = person.wish()

    async def both() -> None:
        await asyncio.gather(run.carry_out(wish), run.carry_out(wish))
        await run.carry_out(wish)

    asyncio.run(both())
    assert (Attempt.objects.count(), person.counters().used) == (1, 1)


def test_a_worker_told_to_stop_hands_its_generation_back(provider: Running) -> None:
    provider.control.latency = 30
    add_key("AQ.sandbox-ok-one")
    person = Person()
    wish = person.wish()

    async def stop_in_the_middle() -> None:
        running = asyncio.create_task(run.carry_out(wish))
        await until(lambda: in_database(Attempt.objects.exists))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(stop_in_the_middle())
    back = row(wish)
    assert (back.status, back.crashes, person.counters().held) == ("queued", 0, 1)
    assert ProcrastinateJob.objects.filter(id=back.job_id, status="todo").exists()
    assert not Attempt.objects.filter(finished_at=None).exists()
    provider.control.latency = 0
    asyncio.run(run.carry_out(wish))
    assert row(wish).status == "succeeded"


def test_told_to_stop_while_it_begins_a_worker_hands_back_what_it_began(provider: Running) -> None:
    wish = Person().wish()

    async def stop_at_once() -> None:
        running = asyncio.create_task(run.carry_out(wish))
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(stop_at_once())
    back = row(wish)
    assert (back.status, back.crashes, back.lease_token) == ("queued", 0, None)
    assert ProcrastinateJob.objects.filter(id=back.job_id, status="todo").exists()
    assert back.started_at is not None


def test_a_cancelled_run_stops_drawing_and_lets_go(
    provider: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "HEARTBEAT", timedelta(milliseconds=50))
    provider.control.latency = 30
    add_key("AQ.sandbox-ok-one")
    person = Person()
    wish = person.wish()

    async def cancel_in_the_middle() -> None:
        running = asyncio.create_task(run.carry_out(wish))
        await until(lambda: in_database(Attempt.objects.exists))
        await in_database(generations.cancel, user_id=person.id, generation_id=wish, now=timezone.now())
        await running

    asyncio.run(cancel_in_the_middle())
    assert (row(wish).status, row(wish).lease_token) == ("canceled", None)
    assert [attempt.verdict for attempt in Attempt.objects.all()] == ["lost"]
    assert (person.counters().used, person.counters().held) == (0, 0)


def test_a_frozen_worker_that_wakes_up_late_changes_nothing(provider: Running) -> None:
    provider.control.latency = 0.3
    add_key("AQ.sandbox-ok-one")
    person = Person()
    wish = person.wish()

    async def frozen_then_overtaken() -> None:
        slow = asyncio.create_task(run.carry_out(wish))
        await until(lambda: in_database(Attempt.objects.exists))
        await in_database(generations.recover, now=timezone.now() + 2 * rules.SILENCE)
        await asyncio.gather(slow, run.carry_out(wish))

    asyncio.run(frozen_then_overtaken())
    assert row(wish).status == "succeeded"
    assert (person.counters().used, person.counters().held) == (1, 0)
    assert Asset.objects.count() == 1
    assert quota.verify() == []


def test_a_source_is_sent_to_the_provider_and_a_deleted_one_stays_until_it_is_drawn(
    provider: Running, photo: bytes
) -> None:
    add_key("AQ.sandbox-ok-one")
    person = Person()
    first = person.wish()
    asyncio.run(run.carry_out(first))
    source = row(first).asset_id
    assert source is not None
    upload = assets.accept_upload(user_id=person.id, data=photo, now=NOW).id
    edit = generations.start(
        user_id=person.id,
        conversation_id=person.conversation,
        client_id=uuid4(),
        wish=Wish("make it blue", "image_to_image", "1K", "auto", "subtle", 1),
        source_ids=[source, upload],
        now=NOW,
    ).generations[0][0]
    generations.delete(user_id=person.id, generation_id=first, now=NOW)
    assert Asset.objects.live().filter(pk=source).exists()
    asyncio.run(run.carry_out(edit))
    assert row(edit).status == "succeeded"
    assert provider.control.calls()[-1].sources == 2
    assert generations.discard_deleted(now=NOW) == 1
    assert not Asset.objects.live().filter(pk=source).exists()


@pytest.fixture
def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(out, "JPEG")
    return out.getvalue()
