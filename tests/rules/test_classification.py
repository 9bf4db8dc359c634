"""Every line of the provider's tables becomes the verdict that the product promises, unknown ones too."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.kit.http.failures import ExchangeFailed, FailureKind
from nproxy.providers.rules import Classified, Verdict
from nproxy.providers.rules.gemini import (
    SPEND_WINDOW,
    AnswerFacts,
    choose_image,
    classify_answer,
    classify_error,
    next_midnight,
)
from nproxy.providers.rules.transport import classify_failure
from nproxy.providers.rules.waits import LONGEST_WAIT

V = Verdict
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "AQ.the-secret-of-this-key"
MINUTE = "GenerateImagesPerMinutePerProjectPerModel-PaidTier"
DAY = "GenerateRequestsPerDayPerProjectPerModel-PaidTier"
FREE = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
TEN_MINUTES = "You have exceeded the spend-based rate limit of your billing account for the last 10 minutes."
COUNTRY = "Gemini API free tier is not available in your country. Please enable billing on your project."
SCHEMA = "Invalid JSON payload received. Unknown name \"API_KEY_INVALID\" at 'generation_config'"


def body(
    message: str = "", *, status: str = "", reason: str = "", quotas: tuple[str, ...] = (), delay: str = ""
) -> bytes:
    details: list[dict[str, object]] = []
    if reason:
        details.append({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason})
    if quotas:
        details.append({"violations": [{"quotaId": quota} for quota in quotas]})
    if delay:
        details.append({"retryDelay": delay})
    return json.dumps(
        {"error": {"code": 1, "message": message, "status": status, "details": details}}
    ).encode()


def classified(status: int, content: bytes, header: str = "") -> Classified:
    return classify_error(status, content, header=header, now=NOW, secret=SECRET)


ERRORS = [
    # (HTTP status, body, verdict)
    (400, body("API key not valid.", reason="API_KEY_INVALID"), V.KEY_REJECTED),
    (400, body("API key expired. Please renew the API key.", reason="API_KEY_INVALID"), V.KEY_REJECTED),
    (400, body("API key expired. Please renew the API key."), V.KEY_REJECTED),
    (400, body("API key not valid. Please pass a valid API key."), V.KEY_REJECTED),
    (400, body("Multiple authentication credentials received."), V.MISCONFIGURED),
    (400, body(SCHEMA), V.MISCONFIGURED),
    (400, body("Aspect ratio 5:3 is not supported."), V.MISCONFIGURED),
    (400, body("Multiple candidates is not enabled for this model"), V.MISCONFIGURED),
    (400, body("Developer instruction is not enabled"), V.MISCONFIGURED),
    (400, body("Image part is missing a thought_signature in content position 2"), V.MISCONFIGURED),
    (400, body("Unable to process input image. Please retry or report"), V.USER_ERROR),
    (400, body("Request payload size exceeds the limit: 20971520 bytes."), V.USER_ERROR),
    (413, b"Request Entity Too Large", V.USER_ERROR),
    (400, body("User location is not supported for the API use."), V.ROUTE_BLOCKED),
    (400, body(COUNTRY), V.OUT_OF_FUNDS),
    (400, body("Please enable billing on project 1."), V.OUT_OF_FUNDS),
    (400, body("Billing is not enabled for project 1."), V.OUT_OF_FUNDS),
    (400, body("The planets are not aligned."), V.MISCONFIGURED),
    (400, body(reason="A_REASON_OF_TOMORROW"), V.MISCONFIGURED),
    (401, body("Bad credential", reason="ACCESS_TOKEN_TYPE_UNSUPPORTED"), V.KEY_REJECTED),
    (401, body("Request is missing required authentication credential."), V.KEY_REJECTED),
    (402, body("Your prepayment credits are depleted."), V.OUT_OF_FUNDS),
    (402, b"", V.OUT_OF_FUNDS),
    (403, body("Your API key was reported as leaked. Please use another API key."), V.KEY_REJECTED),
    (403, body("has been suspended", reason="CONSUMER_SUSPENDED"), V.KEY_REJECTED),
    (403, body("Your project has been denied access. Please contact support."), V.KEY_REJECTED),
    (403, body(reason="SERVICE_DISABLED"), V.KEY_REJECTED),
    (403, body(reason="BILLING_DISABLED"), V.OUT_OF_FUNDS),
    (403, body(reason="API_KEY_SERVICE_BLOCKED"), V.KEY_REJECTED),
    (403, body(reason="API_KEY_IP_ADDRESS_BLOCKED"), V.ROUTE_BLOCKED),
    (403, body(reason="API_KEY_HTTP_REFERRER_BLOCKED"), V.KEY_REJECTED),
    (403, body(reason="CONSUMER_INVALID"), V.KEY_REJECTED),
    (403, body("Requests from unrestricted API keys are blocked."), V.KEY_REJECTED),
    (403, body("The caller does not have permission"), V.KEY_REJECTED),
    (404, body("models/x is not found for API version v1beta"), V.MISCONFIGURED),
    (404, body("This model is no longer available."), V.MISCONFIGURED),
    (408, body("Request timed out."), V.RETRYABLE),
    (429, body(quotas=(MINUTE,), delay="21s"), V.RATE_LIMITED),
    (429, body(quotas=(DAY,)), V.RATE_LIMITED),
    (429, body("limit: 0, model: x", quotas=(FREE,), delay="21s"), V.OUT_OF_FUNDS),
    (429, body("Quota exceeded, limit: 0, model: x"), V.OUT_OF_FUNDS),
    (429, body("Quota exceeded, limit: 0.5, model: x"), V.RATE_LIMITED),
    (429, body("Your project has exceeded its monthly spending cap."), V.OUT_OF_FUNDS),
    (429, body("Your billing account has exceeded its monthly spending cap."), V.OUT_OF_FUNDS),
    (429, body("Your prepayment credits are depleted."), V.OUT_OF_FUNDS),
    (429, body(TEN_MINUTES), V.RATE_LIMITED),
    (429, body("Resource has been exhausted (e.g. check quota)."), V.RATE_LIMITED),
    (429, b"", V.RATE_LIMITED),
    (499, body("The operation was cancelled."), V.RETRYABLE),
    (500, body("An internal error has occurred."), V.RETRYABLE),
    (500, b"", V.RETRYABLE),
    (501, body("Operation is not implemented."), V.MISCONFIGURED),
    (502, b"<html>502 Bad Gateway</html>", V.RETRYABLE),
    (503, body("The model is overloaded."), V.RETRYABLE),
    (503, body("This model is currently experiencing high demand."), V.RETRYABLE),
    (503, body("Deadline expired before operation could complete."), V.RETRYABLE),
    (504, body("Deadline expired before operation could complete."), V.RETRYABLE),
    (529, b"", V.RETRYABLE),
    (302, b"<HTML>302 Moved</HTML>", V.ROUTE_BLOCKED),
    (403, b"<html>Sorry... your network may be sending automated queries.</html>", V.ROUTE_BLOCKED),
    (429, b"<html>Our systems have detected unusual traffic</html>", V.ROUTE_BLOCKED),
    (403, b"<html>Blocked by policy</html>", V.ROUTE_BLOCKED),
    (407, b"<html>Proxy authentication required</html>", V.ROUTE_BLOCKED),
    (418, b"I am a teapot", V.MISCONFIGURED),
    (999, b"", V.RETRYABLE),
]


@pytest.mark.parametrize(("status", "content", "verdict"), ERRORS)
def test_every_error_of_the_table_has_its_verdict(status: int, content: bytes, verdict: V) -> None:
    assert classified(status, content).verdict is verdict


def test_an_error_in_a_list_of_one_reads_the_same() -> None:
    wrapped = b"[" + body(reason="API_KEY_INVALID") + b"]"
    assert classified(400, wrapped).verdict is V.KEY_REJECTED


def test_only_money_of_the_account_concerns_its_other_keys() -> None:
    assert classified(402, body("Your prepayment credits are depleted.")).account_wide
    assert classified(429, body("Your prepayment credits are depleted.")).account_wide
    assert classified(429, body("Your billing account has exceeded its monthly spending cap.")).account_wide
    assert not classified(429, body("Your project has exceeded its monthly spending cap.")).account_wide
    assert not classified(429, body(quotas=(FREE,))).account_wide
    assert not classified(403, body(reason="BILLING_DISABLED")).account_wide


@pytest.mark.parametrize(
    ("content", "header", "wait"),
    [
        (body(quotas=(MINUTE,), delay="21s"), "", timedelta(seconds=21)),
        (body(quotas=(MINUTE,), delay="0.5s"), "", timedelta(seconds=1)),
        (body(quotas=(MINUTE,), delay="15s"), "30", timedelta(seconds=30)),
        (body(quotas=(MINUTE,), delay="15s"), "Sun, 22 Nov 2026 12:01:00 GMT", timedelta(minutes=1)),
        (body(quotas=(MINUTE,), delay="15s"), "soon", timedelta(seconds=15)),
        (body(quotas=(MINUTE,)), "0", timedelta(seconds=1)),
        (body(quotas=(MINUTE,)), "99999999", LONGEST_WAIT),
        (body(TEN_MINUTES), "", SPEND_WINDOW),
        (body("Resource has been exhausted (e.g. check quota)."), "", None),
    ],
)
def test_a_rate_limit_lasts_as_long_as_the_provider_asks(
    content: bytes, header: str, wait: timedelta | None
) -> None:
    assert classified(429, content, header).retry_after == wait


def test_a_daily_limit_lasts_until_midnight_pacific_whatever_else_is_said() -> None:
    verdict = classified(429, body(quotas=(MINUTE, DAY), delay="21s"))
    assert verdict.until == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_midnight_pacific_follows_daylight_saving() -> None:
    assert next_midnight(datetime(2026, 7, 1, 6, 59, tzinfo=UTC)) == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
    assert next_midnight(datetime(2026, 7, 1, 7, 0, tzinfo=UTC)) == datetime(2026, 7, 2, 7, 0, tzinfo=UTC)
    assert next_midnight(datetime(2026, 11, 1, 8, 0, tzinfo=UTC)) == datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def test_a_detail_never_holds_the_key_that_the_provider_echoes() -> None:
    echoed = f"Permission denied: Consumer 'api_key:{SECRET}' has been suspended."
    detail = classified(403, body(echoed, reason="CONSUMER_SUSPENDED")).detail
    assert SECRET not in detail
    assert "CONSUMER_SUSPENDED" in detail


@given(status=st.integers(100, 999), content=st.binary(max_size=200))
def test_no_answer_at_all_breaks_the_classifier(status: int, content: bytes) -> None:
    assert isinstance(classified(status, content).verdict, V)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "details", "reason", "violations", "quotaId", "retryDelay", "message"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(status=st.integers(400, 599), value=JSON)
def test_no_json_of_any_shape_breaks_the_classifier(status: int, value: object) -> None:
    assert isinstance(classified(status, json.dumps(value).encode()).verdict, V)


POLICY = [
    "SAFETY",
    "PROHIBITED_CONTENT",
    "BLOCKLIST",
    "SPII",
    "LANGUAGE",
    "RECITATION",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "ESCALATION",
]
WITHOUT_POLICY = [
    "STOP",
    "MAX_TOKENS",
    "NO_IMAGE",
    "IMAGE_OTHER",
    "OTHER",
    "MALFORMED_RESPONSE",
    "MALFORMED_FUNCTION_CALL",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "FINISH_REASON_UNSPECIFIED",
    "A_REASON_OF_TOMORROW",
]
FINISHED_WITHOUT_IMAGE = [
    *[(reason, V.USER_ERROR) for reason in POLICY],
    *[(reason, V.NO_IMAGE) for reason in [*WITHOUT_POLICY, ""]],
    ("PUP_LIMITED_DISABLED", V.KEY_REJECTED),
    ("MISSING_THOUGHT_SIGNATURE", V.MISCONFIGURED),
]


@pytest.mark.parametrize(("reason", "verdict"), FINISHED_WITHOUT_IMAGE)
def test_every_finish_reason_without_an_image_has_its_verdict(reason: str, verdict: V) -> None:
    assert classify_answer(AnswerFacts(has_image=False, finish_reason=reason), secret="").verdict is verdict


@pytest.mark.parametrize("reason", [*WITHOUT_POLICY, ""])
def test_a_picture_is_a_success_unless_policy_says_otherwise(reason: str) -> None:
    assert classify_answer(AnswerFacts(has_image=True, finish_reason=reason), secret="").verdict is V.SUCCESS


@pytest.mark.parametrize("reason", POLICY)
def test_policy_outranks_a_picture(reason: str) -> None:
    verdict = classify_answer(AnswerFacts(has_image=True, finish_reason=reason), secret="")
    assert (verdict.verdict, verdict.user_code) == (V.USER_ERROR, "content_policy")


@pytest.mark.parametrize(
    "reason",
    [
        "SAFETY",
        "OTHER",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "IMAGE_SAFETY",
        "MODEL_ARMOR",
        "JAILBREAK",
        "OF_TOMORROW",
    ],
)
def test_a_blocked_prompt_is_the_persons_to_change(reason: str) -> None:
    verdict = classify_answer(AnswerFacts(has_image=False, block_reason=reason), secret="")
    assert (verdict.verdict, verdict.user_code) == (V.USER_ERROR, "content_policy")


@pytest.mark.parametrize(
    ("thoughts", "finish_reason", "chosen"),
    [
        ([False], "STOP", 0),
        ([True, False], "STOP", 1),
        ([False, True], "STOP", 0),
        ([False, False], "STOP", 1),
        ([True, True], "STOP", 1),
        ([True], "NO_IMAGE", None),
        ([True], "", None),
        ([], "STOP", None),
    ],
)
def test_the_last_picture_that_is_no_thought_is_chosen(
    thoughts: list[bool], finish_reason: str, chosen: int | None
) -> None:
    assert choose_image(thoughts, finish_reason) == chosen


@pytest.mark.parametrize("kind", list(FailureKind))
def test_every_failure_of_the_direct_route_may_be_retried_with_another_key(kind: FailureKind) -> None:
    failed = classify_failure(ExchangeFailed(kind, f"to https://x/?key={SECRET}"), secret=SECRET)
    assert failed.verdict is V.RETRYABLE
    assert SECRET not in failed.detail
