"""Google's errors, each by its name in the key. The table holds a row for each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from nproxy_sandbox.gemini.faults import MEETS_LISTING, ODDITIES, REFUSALS, SAYS
from nproxy_sandbox.wreckage import WRECKS

Ask = Callable[[str], Awaitable[tuple[aiohttp.ClientResponse, bytes]]]

pytestmark = pytest.mark.usefixtures("flat")

# Fault → HTTP status, error.status, details[].reason or quotaId (or None), a telling part of the message.
REFUSED = {
    "key_invalid": (400, "INVALID_ARGUMENT", "API_KEY_INVALID", "API key not valid"),
    "key_expired": (400, "INVALID_ARGUMENT", "API_KEY_INVALID", "API key expired"),
    "key_twice": (400, "INVALID_ARGUMENT", None, "Multiple authentication credentials received"),
    "unknown_name": (400, "INVALID_ARGUMENT", None, 'Unknown name "imageSise"'),
    "schema_mentions_reason": (400, "INVALID_ARGUMENT", None, "API_KEY_INVALID"),
    "bad_ratio": (400, "INVALID_ARGUMENT", None, "Aspect ratio"),
    "bad_size": (400, "INVALID_ARGUMENT", None, "Image size"),
    "many_candidates": (400, "INVALID_ARGUMENT", None, "Multiple candidates is not enabled"),
    "developer_instruction": (400, "INVALID_ARGUMENT", None, "Developer instruction is not enabled"),
    "thought_signature": (400, "INVALID_ARGUMENT", None, "missing a thought_signature"),
    "input_image": (400, "INVALID_ARGUMENT", None, "Unable to process input image"),
    "too_large": (400, "INVALID_ARGUMENT", None, "Request payload size exceeds the limit"),
    "bare_400": (400, "INVALID_ARGUMENT", None, "Request contains an invalid argument."),
    "unknown_400": (400, "FAILED_PRECONDITION", None, "planets"),
    "location": (400, "FAILED_PRECONDITION", None, "User location is not supported for the API use."),
    "free_tier_country": (400, "FAILED_PRECONDITION", None, "free tier is not available in your country"),
    "billing_required": (400, "FAILED_PRECONDITION", None, "Please enable billing"),
    "billing_not_enabled": (400, "FAILED_PRECONDITION", None, "Billing is not enabled"),
    "token_type": (401, "UNAUTHENTICATED", "ACCESS_TOKEN_TYPE_UNSUPPORTED", "invalid authentication"),
    "unauthenticated": (401, "UNAUTHENTICATED", None, "missing required authentication"),
    "leaked": (403, "PERMISSION_DENIED", None, "reported as leaked"),
    "suspended": (403, "PERMISSION_DENIED", "CONSUMER_SUSPENDED", "has been suspended"),
    "denied": (403, "PERMISSION_DENIED", None, "Your project has been denied access"),
    "service_disabled": (403, "PERMISSION_DENIED", "SERVICE_DISABLED", "has not been used"),
    "billing_disabled": (403, "PERMISSION_DENIED", "BILLING_DISABLED", "requires billing"),
    "service_blocked": (403, "PERMISSION_DENIED", "API_KEY_SERVICE_BLOCKED", "are blocked"),
    "ip_blocked": (403, "PERMISSION_DENIED", "API_KEY_IP_ADDRESS_BLOCKED", "IP address restriction"),
    "referrer_blocked": (403, "PERMISSION_DENIED", "API_KEY_HTTP_REFERRER_BLOCKED", "referer"),
    "consumer_invalid": (403, "PERMISSION_DENIED", "CONSUMER_INVALID", "is invalid"),
    "unrestricted_key": (403, "PERMISSION_DENIED", None, "unrestricted API keys"),
    "bare_403": (403, "PERMISSION_DENIED", None, "does not have permission"),
    "model_missing": (404, "NOT_FOUND", None, "is not found for API version v1beta"),
    "model_retired": (404, "NOT_FOUND", None, "is no longer available"),
    "depleted": (402, "RESOURCE_EXHAUSTED", None, "prepayment credits are depleted"),
    "per_minute": (
        429,
        "RESOURCE_EXHAUSTED",
        "GenerateImagesPerMinutePerProjectPerModel-PaidTier",
        "limit: 10",
    ),
    "per_day": (
        429,
        "RESOURCE_EXHAUSTED",
        "GenerateRequestsPerDayPerProjectPerModel-PaidTier",
        "limit: 1000",
    ),
    "per_minute_and_day": (
        429,
        "RESOURCE_EXHAUSTED",
        "GenerateRequestsPerDayPerProjectPerModel-PaidTier",
        "current quota",
    ),
    "free_tier": (429, "RESOURCE_EXHAUSTED", "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "limit: 0"),
    "retry_after": (429, "RESOURCE_EXHAUSTED", "GenerateImagesPerMinutePerProjectPerModel-PaidTier", "quota"),
    "spending_cap": (429, "RESOURCE_EXHAUSTED", None, "monthly spending cap"),
    "account_cap": (429, "RESOURCE_EXHAUSTED", None, "billing account has exceeded its monthly spending cap"),
    "spend_rate": (429, "RESOURCE_EXHAUSTED", None, "last 10 minutes"),
    "depleted_429": (429, "RESOURCE_EXHAUSTED", None, "prepayment credits are depleted"),
    "bare_429": (429, "RESOURCE_EXHAUSTED", None, "Resource has been exhausted (e.g. check quota)."),
    "timeout_408": (408, "DEADLINE_EXCEEDED", None, "timed out"),
    "cancelled": (499, "CANCELLED", None, "cancelled"),
    "internal": (500, "INTERNAL", None, "An internal error has occurred"),
    "unimplemented": (501, "UNIMPLEMENTED", None, "not implemented"),
    "overloaded": (503, "UNAVAILABLE", None, "The model is overloaded"),
    "high_demand": (503, "UNAVAILABLE", None, "experiencing high demand"),
    "list_wrapped": (503, "UNAVAILABLE", None, "experiencing high demand"),
    "deadline_503": (503, "UNAVAILABLE", None, "Deadline expired"),
    "deadline": (504, "DEADLINE_EXCEEDED", None, "Deadline expired"),
}


def test_the_table_holds_every_error() -> None:
    assert set(REFUSED) == set(REFUSALS)
    assert len(SAYS) == len(REFUSALS) + len(ODDITIES) + len(WRECKS), "no name is taken twice"


@pytest.mark.parametrize("fault", REFUSED)
async def test_an_error_has_googles_shape(ask: Ask, fault: str) -> None:
    code, status, reason, words = REFUSED[fault]
    response, _ = await ask(fault)
    assert response.status == code
    answer = await response.json()
    error = (answer[0] if fault == "list_wrapped" else answer)["error"]
    assert (error["code"], error["status"]) == (code, status)
    assert words in error["message"]
    details = error.get("details", [])
    named = {detail.get("reason") for detail in details}
    named |= {violation["quotaId"] for detail in details for violation in detail.get("violations", [])}
    assert reason is None or reason in named


async def test_a_suspension_echoes_the_whole_key(ask: Ask) -> None:
    _, raw = await ask("suspended")
    assert raw.count(b"api_key:AQ.sandbox-suspended-x") == 2


async def test_a_key_may_say_how_long_to_wait(ask: Ask) -> None:
    response, _ = await ask("per_minute-3s")
    details = (await response.json())["error"]["details"]
    assert details[-1]["retryDelay"] == "3s"
    response, _ = await ask("retry_after-8s")
    assert response.headers["Retry-After"] == "8"
    assert (await response.json())["error"]["details"][-1]["retryDelay"] == "4s"


@pytest.mark.parametrize("fault", [*REFUSED, "IMAGE_SAFETY", "html_502"])
async def test_only_faults_of_keys_and_of_the_wire_meet_the_listing(
    session: aiohttp.ClientSession, fault: str
) -> None:
    async with session.get("/v1beta/models", headers={"x-goog-api-key": f"AQ.sandbox-{fault}"}) as response:
        assert (response.status == 200) == (fault not in MEETS_LISTING)
