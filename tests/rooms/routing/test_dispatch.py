"""A generation meets keys that fail in every way, and the person notices only when nothing is left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import InterfaceError, OperationalError
from pytest_django import Settings

from nproxy.audit.rules import Actor
from nproxy.kit import threads
from nproxy.kit.threads import in_database
from nproxy.notifications.models import Alert
from nproxy.providers import actions as providers
from nproxy.providers import queries
from nproxy.providers.models import Attempt
from nproxy.providers.rules import DrawRequest
from nproxy.routing import actions as routing
from nproxy_sandbox.testing import Running

BANANA = DrawRequest(prompt="a banana", resolution="1K", aspect_ratio="1:1")
AddKey = Callable[..., int]
pytestmark = pytest.mark.django_db(transaction=True)


def clock() -> datetime:
    return datetime.now(UTC)


async def dispatch(work: UUID | None = None, request: DrawRequest = BANANA) -> routing.Drawn:
    return await routing.dispatch(work=work or uuid4(), model="nano_banana", request=request, clock=clock)


async def failure() -> str:
    with pytest.raises(routing.DrawFailed) as failed:
        await dispatch()
    return failed.value.code


async def verdicts() -> list[str]:
    return await in_database(lambda: list(Attempt.objects.order_by("id").values_list("verdict", flat=True)))


async def statuses() -> dict[str, str]:
    lines = await in_database(queries.keys, clock())
    return {line.label: line.status for line in lines}


async def alerts(kind: str) -> int:
    return await in_database(Alert.objects.filter(kind=kind).count)


async def add(add_key: AddKey, *faults: str) -> list[int]:
    """Keys a, b, c … with these faults."""
    return [
        await in_database(add_key, label, fault=fault)
        for label, fault in zip("abcdefghij", faults, strict=False)
    ]


async def test_the_first_key_draws_and_is_told_apart_by_its_work(gemini: Running, add_key: AddKey) -> None:
    await add(add_key, "ok", "ok")
    work = uuid4()
    drawn = await dispatch(work)
    assert drawn.data.startswith(b"\xff\xd8\xff")
    assert drawn.provider_seconds > 0
    row = await in_database(Attempt.objects.get)
    assert (row.work, row.verdict) == (work, "success")


async def test_broken_keys_are_passed_over_and_each_ends_in_its_state(
    gemini: Running, add_key: AddKey
) -> None:
    await add(add_key, "internal", "leaked", "depleted", "per_minute", "closed", "location", "ok")
    await dispatch()
    assert await verdicts() == [
        "retryable",
        "key_rejected",
        "out_of_funds",
        "rate_limited",
        "retryable",
        "route_blocked",
        "success",
    ]
    assert await statuses() == {
        "a": "cooldown",
        "b": "manual_review",
        "c": "out_of_funds",
        "d": "cooldown",
        "e": "cooldown",
        "f": "active",
        "g": "active",
    }


async def test_each_key_is_tried_once_and_then_there_is_one_clear_error(
    gemini: Running, add_key: AddKey
) -> None:
    await add(add_key, "internal", "overloaded", "truncated_json")
    assert await failure() == "service_unavailable"
    assert await verdicts() == ["retryable"] * 3
    assert await alerts("keys.pool_exhausted") == 1


async def test_an_empty_pool_is_one_clear_error_too(gemini: Running) -> None:
    assert await failure() == "service_unavailable"
    assert await alerts("keys.pool_exhausted") == 1


@pytest.mark.parametrize(
    ("fault", "code"), [("IMAGE_SAFETY", "content_policy"), ("input_image", "invalid_request")]
)
async def test_what_the_person_did_costs_one_call(
    gemini: Running, add_key: AddKey, fault: str, code: str
) -> None:
    await add(add_key, fault, "ok")
    assert await failure() == code
    assert len(gemini.control.calls()) == 1
    assert set((await statuses()).values()) == {"active"}


async def test_an_answer_without_an_image_is_asked_for_once_more(gemini: Running, add_key: AddKey) -> None:
    await add(add_key, "text_only", "ok")
    assert (await dispatch()).data
    assert await verdicts() == ["no_image", "success"]


async def test_two_answers_without_an_image_are_enough(gemini: Running, add_key: AddKey) -> None:
    await add(add_key, "NO_IMAGE", "text_only", "ok")
    assert await failure() == "no_image"
    assert len(gemini.control.calls()) == 2
    assert set((await statuses()).values()) == {"active"}


async def test_one_key_without_an_image_is_terminal(gemini: Running, add_key: AddKey) -> None:
    await add(add_key, "NO_IMAGE")
    assert await failure() == "no_image"
    assert await alerts("keys.pool_exhausted") == 0


async def test_our_own_malformed_request_is_tried_once(gemini: Running, add_key: AddKey) -> None:
    await add(add_key, "model_missing", "ok")
    assert await failure() == "internal"
    assert await verdicts() == ["misconfigured"]
    assert set((await statuses()).values()) == {"active"}
    assert (await alerts("keys.misconfigured"), await alerts("keys.pool_exhausted")) == (1, 0)


async def test_a_request_that_cools_the_pool_is_told_after_three_keys(
    gemini: Running, add_key: AddKey
) -> None:
    await add(add_key, *["internal"] * 4, "ok")
    await dispatch()
    assert await alerts("keys.cooling_pool") == 1


async def test_it_waits_in_line_for_a_key_that_is_back_soon(gemini: Running, add_key: AddKey) -> None:
    await add(add_key, "ok")
    gemini.control.order("per_minute", times=1, seconds=1)
    with pytest.raises(routing.DrawFailed):
        await dispatch()  # its only key has been tried: no use in waiting
    before = clock()
    assert (await dispatch()).data  # another one finds the key cooling, and waits
    assert clock() - before > timedelta(milliseconds=200)


async def test_a_key_that_an_operator_returns_meanwhile_counts(
    gemini: Running, add_key: AddKey, operator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second = await add(add_key, "internal", "ok")
    await in_database(providers.disable, key_id=second, actor=operator, now=clock())
    honest = providers.call

    async def call_and_return_the_other(lease: providers.Lease, request: DrawRequest) -> providers.Outcome:
        outcome = await honest(lease, request)
        if lease.key_id != second:
            await in_database(providers.activate, key_id=second, reason="", actor=operator, now=clock())
        return outcome

    monkeypatch.setattr(providers, "call", call_and_return_the_other)
    assert (await dispatch()).data
    assert await verdicts() == ["retryable", "success"]


async def test_a_cancel_in_the_middle_leaves_no_attempt_open(gemini: Running, add_key: AddKey) -> None:
    await add(add_key, "hang")
    running = asyncio.create_task(dispatch())
    await until_called(gemini)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    row = await in_database(Attempt.objects.get)
    assert (row.verdict, row.detail) == ("lost", "given up")
    assert await statuses() == {"a": "active"}


async def test_a_cancel_during_the_lease_leaves_no_attempt_open(
    gemini: Running, add_key: AddKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(add_key, "ok")
    honest, began = providers.lease, asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(**facts: object) -> providers.Lease | None:
        loop.call_soon_threadsafe(began.set)
        time.sleep(0.2)
        return honest(**facts)

    monkeypatch.setattr(providers, "lease", slowly)
    running = asyncio.create_task(dispatch())
    await began.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await verdicts() == ["lost"]


async def test_a_crowd_is_served_by_the_keys_that_work(
    gemini: Running, add_key: AddKey, settings: Settings
) -> None:
    await add(
        add_key, "internal", "leaked", "ok", "per_day", "reset", "depleted", "ok", "sorry", "bare_403", "ok"
    )
    drawn = await asyncio.gather(*(dispatch() for _ in range(60)))
    assert len(drawn) == 60
    assert not await in_database(Attempt.objects.filter(finished_at=None).exists)
    assert (await verdicts()).count("success") == 60


async def test_after_two_overload_answers_the_other_provider_goes_first(
    gemini: Running, openrouter: Running, add_key: AddKey
) -> None:
    await add(add_key, "overloaded", "overloaded", "ok")
    await in_database(add_key, "z", provider="openrouter")
    assert (await dispatch()).data
    assert len(gemini.control.calls()) == 2
    assert len(openrouter.control.calls()) == 1


async def test_our_own_malformed_request_leaves_the_other_provider_a_chance(
    gemini: Running, openrouter: Running, add_key: AddKey
) -> None:
    await add(add_key, "model_missing", "ok")
    await in_database(add_key, "z", provider="openrouter")
    assert (await dispatch()).data
    assert await verdicts() == ["misconfigured", "success"]


async def test_a_prompt_that_every_key_answers_with_500_hurts_nobody_else(
    gemini: Running, add_key: AddKey
) -> None:
    await add(add_key, "ok", "ok", "ok")
    poison = replace(BANANA, prompt="[fault:internal] a banana")
    for _ in range(4):
        with pytest.raises(routing.DrawFailed):
            await dispatch(request=poison)
        assert (await dispatch()).data
    assert len([one for one in gemini.control.calls() if one.status == 200]) == 4


async def test_generations_wait_in_line_while_keys_are_only_at_their_caps(
    gemini: Running, add_key: AddKey, operator: Actor
) -> None:
    gemini.control.latency = 0.02
    for key_id in await add(add_key, "ok", "ok"):
        await in_database(
            partial(
                providers.set_key, key_id=key_id, changes={"max_in_flight": 1}, actor=operator, now=clock()
            )
        )
    assert len(await asyncio.gather(*(dispatch() for _ in range(20)))) == 20
    assert (await verdicts()) == ["success"] * 20


async def test_a_picture_is_kept_although_the_database_is_away_for_a_while(
    gemini: Running, add_key: AddKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(add_key, "ok")
    honest, failures = providers.report, iter([OperationalError("gone"), InterfaceError("closed")])

    def report(*arguments: object, **facts: object) -> None:
        for failure in failures:
            raise failure
        honest(*arguments, **facts)  # type: ignore[arg-type]

    monkeypatch.setattr(providers, "report", report)
    assert (await dispatch()).data
    assert await verdicts() == ["success"]


async def test_a_picture_is_kept_although_nobody_can_ever_write_down_its_attempt(
    gemini: Running, add_key: AddKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(add_key, "ok")
    monkeypatch.setattr(threads, "AWAY_SECONDS", 0.0)

    def report(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(providers, "report", report)
    assert (await dispatch()).data
    assert await verdicts() == [""]


async def until_called(gemini: Running) -> None:
    async with asyncio.timeout(60):
        while not gemini.control.calls():  # noqa: ASYNC110 - the stand-in lives in another thread
            await asyncio.sleep(0.01)
