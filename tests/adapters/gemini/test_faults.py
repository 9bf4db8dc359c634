"""Every fault that the stand-in can play, over real HTTP, ends in the verdict that docs/routing.md promises."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from nproxy.providers.adapters import gemini as adapter
from nproxy.providers.rules import DrawRequest, Verdict
from nproxy.providers.rules.attempt import Outcome
from nproxy_sandbox.gemini.faults import SAYS
from nproxy_sandbox.testing import Running

V = Verdict
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BANANA = DrawRequest(prompt="a banana in a space suit", resolution="1K", aspect_ratio="1:1")

EXPECTED = {
    V.SUCCESS: """
        mislabelled png webp wrong_mime thought_first thought_only two_pictures snake_case
        no_finish_reason_picture rerouted no_usage huge_60mb gzip
        """,
    V.USER_ERROR: """
        SAFETY PROHIBITED_CONTENT BLOCKLIST SPII LANGUAGE RECITATION IMAGE_RECITATION ESCALATION
        IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT policy_with_picture
        prompt_SAFETY prompt_OTHER prompt_BLOCKLIST prompt_PROHIBITED_CONTENT prompt_IMAGE_SAFETY
        prompt_MODEL_ARMOR prompt_JAILBREAK
        input_image too_large text_413
        """,
    V.NO_IMAGE: """
        MAX_TOKENS NO_IMAGE IMAGE_OTHER OTHER MALFORMED_RESPONSE MALFORMED_FUNCTION_CALL
        UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS FINISH_REASON_UNSPECIFIED IMAGE_OF_A_NEW_KIND
        text_only text_refusal empty_candidates no_candidates no_content no_parts null_parts
        no_finish_reason wrong_types gif file_address cut_picture garbage_base64 not_a_picture svg
        empty_picture null_picture
        """,
    V.RETRYABLE: """
        timeout_408 cancelled internal overloaded high_demand list_wrapped deadline_503 deadline
        reset closed reset_mid_body closed_mid_body truncated_json huge_70mb gzip_bomb
        html_500 html_502 html_200 text_503 empty_500 empty_200
        """,
    V.RATE_LIMITED: "per_minute per_day per_minute_and_day retry_after spend_rate bare_429",
    V.ROUTE_BLOCKED: "location ip_blocked redirect sorry",
    V.OUT_OF_FUNDS: """
        free_tier_country billing_required billing_not_enabled billing_disabled depleted depleted_429
        free_tier spending_cap account_cap
        """,
    V.KEY_REJECTED: """
        key_invalid key_expired token_type unauthenticated leaked suspended denied service_disabled
        service_blocked referrer_blocked consumer_invalid unrestricted_key bare_403 PUP_LIMITED_DISABLED
        """,
    V.MISCONFIGURED: """
        key_twice unknown_name schema_mentions_reason bad_ratio bad_size many_candidates
        developer_instruction thought_signature bare_400 unknown_400 model_missing model_retired
        unimplemented MISSING_THOUGHT_SIGNATURE
        """,
}
VERDICTS = {fault: verdict for verdict, faults in EXPECTED.items() for fault in faults.split()}
# These take time: they have tests of their own.
SLOW = {"hang", "stall_mid_body", "trickle"}


async def drawn(fault: str, request: DrawRequest = BANANA) -> Outcome:
    return await adapter.draw(request, secret=f"AQ.sandbox-{fault}-of-a-test-key", started_at=NOW)


def test_every_fault_of_the_stand_in_has_a_row() -> None:
    assert set(VERDICTS) | SLOW == set(SAYS)


@pytest.mark.parametrize(("fault", "verdict"), VERDICTS.items())
async def test_every_fault_has_its_verdict(gemini: Running, fault: str, verdict: V) -> None:
    outcome = await drawn(fault)
    assert outcome.classified.verdict is verdict, outcome
    assert (outcome.image is not None) == (verdict is V.SUCCESS)
    assert gemini.control.trap_visits == 0, "an address from an answer was fetched"


@pytest.mark.parametrize("fault", [fault for fault in VERDICTS if VERDICTS[fault] is not V.SUCCESS])
async def test_no_outcome_shows_the_key(gemini: Running, fault: str) -> None:
    outcome = await drawn(fault)
    assert f"{fault}-of-a-test-key" not in repr(outcome)


@pytest.mark.parametrize("fault", ["hang", "stall_mid_body"])
async def test_an_answer_that_does_not_come_is_given_up(
    gemini: Running, settings: Settings, fault: str
) -> None:
    settings.NPROXY_READ_TIMEOUT = 0.2
    outcome = await drawn(f"{fault}-3s")
    assert outcome.classified.verdict is V.RETRYABLE
    assert "no answer in time" in outcome.classified.detail


async def test_an_answer_that_trickles_is_given_up_although_bytes_keep_coming(
    gemini: Running, settings: Settings
) -> None:
    settings.NPROXY_READ_TIMEOUT = 0.4
    assert (await drawn("trickle-4s")).classified.verdict is V.RETRYABLE


async def test_a_slow_answer_within_the_limit_is_taken(gemini: Running) -> None:
    assert (await drawn("trickle-0.2s")).classified.verdict is V.SUCCESS


async def test_nobody_listening_is_retryable_and_was_not_sent(settings: Settings) -> None:
    settings.NPROXY_GEMINI_BASE_URL = "http://127.0.0.1:1"
    outcome = await drawn("ok")
    assert outcome.classified.verdict is V.RETRYABLE
    assert "no connection" in outcome.classified.detail


async def test_a_door_that_opens_and_says_nothing_costs_the_connect_limit_only(settings: Settings) -> None:
    gone = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    settings.NPROXY_CONNECT_TIMEOUT = 1.5  # enough for TCP, which stands
    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings.NPROXY_GEMINI_BASE_URL = f"https://127.0.0.1:{port}"  # TLS waits for an answer
        outcome = await drawn("ok")
        await gone.wait()
    assert outcome.classified.verdict is V.RETRYABLE
    assert "TLS took too long (before sending)" in outcome.classified.detail


async def test_a_retry_info_and_a_longer_header_keep_the_longer_wait(gemini: Running) -> None:
    assert (await drawn("per_minute")).classified.retry_after == timedelta(seconds=21)
    assert (await drawn("retry_after")).classified.retry_after == timedelta(seconds=30)
    day = (await drawn("per_minute_and_day")).classified
    assert day.until == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
