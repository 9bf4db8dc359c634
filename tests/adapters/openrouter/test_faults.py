"""Every fault that the stand-in can play, over real HTTP, ends in the verdict that docs/routing.md promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from nproxy.providers.adapters import openrouter as adapter
from nproxy.providers.rules import DrawRequest, Verdict
from nproxy.providers.rules.attempt import Outcome
from nproxy_sandbox.openrouter.books import STATES
from nproxy_sandbox.openrouter.faults import SAYS
from nproxy_sandbox.testing import Running

V = Verdict
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BANANA = DrawRequest(prompt="a banana in a space suit", resolution="1K", aspect_ratio="1:1")

EXPECTED = {
    V.SUCCESS: "mislabelled png no_media_type no_usage two_pictures huge_60mb gzip",
    V.USER_ERROR: """
        policy refusal invalid_prompt context_length invalid_image image_too_large image_too_small
        image_format image_download image_not_found payload moderation guardrail blocked_upstream
        policy_200 text_413
        """,
    V.NO_IMAGE: """
        cut_picture address empty_data null_data wrong_types garbage_base64 not_a_picture
        empty_picture null_picture
        """,
    V.RETRYABLE: """
        model_soon_back timeout_408 timeout_504 timeout_524 server provider_unavailable unbilled_failure
        overloaded temporarily overloaded_529 error_200 odd_error_200
        reset closed reset_mid_body closed_mid_body truncated_json huge_70mb gzip_bomb
        html_500 html_502 html_200 text_503 empty_500 empty_200
        """,
    V.RATE_LIMITED: "in_flight rate_limited capacity bare_429",
    V.ROUTE_BLOCKED: "region redirect sorry",
    V.OUT_OF_FUNDS: """
        credits bare_402 key_limit_402 key_limit workspace_budget guardrail_budget new_budget
        """,
    V.KEY_REJECTED: "unauthorized forbidden bare_403 echo",
    V.MISCONFIGURED: """
        invalid_request unprocessable bare_400 unknown_400 not_found model_not_found wrong_endpoint
        no_endpoints model_deprecated model_unavailable constraint_filtered privacy_restricted
        """,
}
VERDICTS = {fault: verdict for verdict, faults in EXPECTED.items() for fault in faults.split()}
# These take time: they have tests of their own. The states are about balances.
SLOW = {"hang", "stall_mid_body", "trickle"}


async def drawn(fault: str) -> Outcome:
    secret = f"sk-or-v1-sandbox-{fault}-of-a-test-key"
    return await adapter.draw(BANANA, secret=secret, started_at=NOW)


def test_every_fault_of_the_stand_in_has_a_row() -> None:
    assert set(VERDICTS) | SLOW | STATES.keys() == set(SAYS)


@pytest.mark.parametrize(("fault", "verdict"), VERDICTS.items())
async def test_every_fault_has_its_verdict(openrouter: Running, fault: str, verdict: V) -> None:
    outcome = await drawn(fault)
    assert outcome.classified.verdict is verdict, outcome
    assert (outcome.image is not None) == (verdict is V.SUCCESS)
    assert openrouter.control.trap_visits == 0, "an address from an answer was fetched"
    assert f"{fault}-of-a-test-key" not in repr(outcome)


@pytest.mark.parametrize("fault", ["policy", "server", "credits", "empty_data", "cut_picture"])
async def test_what_brings_no_picture_costs_what_was_billed(openrouter: Running, fault: str) -> None:
    cost = (await drawn(fault)).cost_microusd
    assert cost is not None
    assert bool(cost) is (fault == "cut_picture"), "billed, though it arrived broken"


@pytest.mark.parametrize("fault", ["hang", "stall_mid_body"])
async def test_an_answer_that_does_not_come_is_given_up(
    openrouter: Running, settings: Settings, fault: str
) -> None:
    settings.NPROXY_READ_TIMEOUT = 0.2
    outcome = await drawn(f"{fault}-3s")
    assert outcome.classified.verdict is V.RETRYABLE
    assert "no answer in time" in outcome.classified.detail


async def test_a_slow_answer_within_the_limit_is_taken(openrouter: Running) -> None:
    assert (await drawn("trickle-0.2s")).classified.verdict is V.SUCCESS


async def test_the_wait_is_what_the_header_asks_for(openrouter: Running) -> None:
    assert (await drawn("rate_limited-44s")).classified.retry_after == timedelta(seconds=44)
    assert (await drawn("in_flight")).classified.retry_after == timedelta(seconds=12)
    assert (await drawn("bare_429")).classified.retry_after is None
