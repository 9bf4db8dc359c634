"""Every line of OpenRouter's table becomes the verdict that the product promises, unknown ones too."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nproxy.providers.rules import Classified, Verdict
from nproxy.providers.rules.openrouter import classify_answer, classify_error, classify_error_in_answer
from nproxy.providers.rules.openrouter_error import described

V = Verdict
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "sk-or-v1-the-secret-of-this-key"


def body(
    message: str = "", *, kind: str = "", available: str = "", retryable: bool = False, **metadata: object
) -> bytes:
    error: dict[str, object] = {"code": 0, "message": message}
    if kind or metadata:
        error["metadata"] = {**({"error_type": kind} if kind else {}), **metadata}
    if available:
        error["availability"] = {"code": available, "retryable": retryable}
    return json.dumps({"error": error, "user_id": "user_1"}).encode()


def classified(status: int, raw: bytes, header: str = "") -> Classified:
    return classify_error(status, raw, header=header, now=NOW, secret=SECRET)


def limit(source: str, **more: object) -> bytes:
    return body("Budget limit exceeded", kind="payment_required", limit_source=source, **more)


IN_FLIGHT = limit("openrouter_in_flight_budget", reason="in_flight_budget_exhausted")

POLICY = [
    (400, body(kind="content_policy_violation")),
    (400, body(kind="refusal")),
    (403, body("flagged", reasons=["violence"], flagged_input="…", provider_name="Google", model_slug="x")),
    (403, body(patterns=["email"])),
    (400, body(reasons=["violence"])),
    (502, body(kind="provider_unavailable", provider_code="IMAGE_SAFETY")),
    (502, body(kind="content_policy_violation")),
]
USERS_OWN = [
    *(
        (400, body(kind=kind))
        for kind in (
            *("invalid_image", "image_too_large", "image_too_small", "unsupported_image_format"),
            *("image_download_failed", "invalid_prompt", "context_length_exceeded"),
        )
    ),
    (404, body(kind="image_not_found")),
    (413, body(kind="payload_too_large")),
    (413, body()),
    (413, b"Request Entity Too Large"),
]
OURS = [
    (400, body(kind="invalid_request")),
    (422, body(kind="unprocessable")),
    (422, body()),
    (400, body()),
    (400, body(kind="of_a_new_kind")),
    (404, body(kind="not_found")),
    (404, body()),
    (404, b"<html>no such page</html>"),
    (418, body()),
    (501, body()),
    *(
        (404, body(kind="not_found", available=code))
        for code in (
            *("model_not_found", "no_endpoints", "model_deprecated", "model_unavailable_upstream"),
            *("constraint_filtered", "privacy_restricted"),
        )
    ),
    (400, body(available="wrong_endpoint")),
    (403, body(available="of_a_new_kind")),
]
KEY = [
    (401, body(kind="authentication")),
    (401, body()),
    (403, body(kind="permission_denied")),
    (403, body()),
]
KEYS_LIMIT = [
    (status, limit(source, scope="key_limit", limit_usd=10, spend_usd=10, resets_at="2026-12-01T00:00:00Z"))
    for status in (402, 403)
    for source in (
        *("openrouter_key_limit", "openrouter_workspace_budget", "openrouter_guardrail_budget"),
        "openrouter_of_a_new_kind",
    )
]
ACCOUNTS_MONEY = [
    (402, limit("openrouter_credits", reason="weight_exceeds_budget")),
    (402, body("Insufficient credits")),
    (402, body(kind="payment_required")),
    (403, body(kind="payment_required")),
]
LIMITED = [
    (429, body(kind="rate_limit_exceeded"), True),
    (429, body(available="capacity_exhausted", retryable=True), True),
    (429, body(kind="provider_overloaded"), True),
    (429, body(), True),
    (429, b"error code: 1015", True),
    (402, IN_FLIGHT, False),
    (403, IN_FLIGHT, False),
    (402, body(reason="in_flight_budget_exhausted"), False),
]
FAILING = [
    (408, body(kind="timeout"), False),
    (408, body(), False),
    (504, body(kind="timeout"), False),
    (524, body(), False),
    (524, b"<html>A timeout occurred</html>", False),
    (500, body(kind="server"), False),
    (500, body(kind="unmapped"), False),
    (502, body(kind="provider_unavailable"), False),
    (502, body("Image generation failed or was cancelled"), False),
    (503, body(kind="provider_overloaded"), True),
    (503, body(available="temporarily_unavailable", retryable=True), True),
    (503, body(), True),
    (503, b"", True),
    (529, body(kind="provider_overloaded"), True),
    (529, body(), True),
    (404, body(available="model_unavailable_upstream", retryable=True), False),
    (599, b"", False),
]
ROUTE = [
    (403, body(available="region_restricted")),
    (403, b"<html>Sorry, you have been blocked</html>"),
    (401, b"<html>Sign in to the network</html>"),
    (407, b""),
    (302, b""),
]


@pytest.mark.parametrize(("status", "raw"), POLICY)
def test_what_moderation_stops_ends_with_the_person(status: int, raw: bytes) -> None:
    found = classified(status, raw)
    assert (found.verdict, found.user_code) == (V.USER_ERROR, "content_policy")


@pytest.mark.parametrize(("status", "raw"), USERS_OWN)
def test_a_bad_upload_ends_with_the_person(status: int, raw: bytes) -> None:
    found = classified(status, raw)
    assert (found.verdict, found.user_code) == (V.USER_ERROR, "invalid_request")


@pytest.mark.parametrize(("status", "raw"), OURS)
def test_our_own_mistakes_blame_no_key(status: int, raw: bytes) -> None:
    assert classified(status, raw).verdict is V.MISCONFIGURED


@pytest.mark.parametrize(("status", "raw"), KEY)
def test_a_bad_key_is_rejected(status: int, raw: bytes) -> None:
    assert classified(status, raw).verdict is V.KEY_REJECTED


@pytest.mark.parametrize(("status", "raw"), KEYS_LIMIT)
def test_a_keys_own_limit_takes_that_key_alone(status: int, raw: bytes) -> None:
    found = classified(status, raw)
    assert (found.verdict, found.account_wide) == (V.OUT_OF_FUNDS, False)
    assert "resets 2026-12-01T00:00:00Z" in found.detail


@pytest.mark.parametrize(("status", "raw"), ACCOUNTS_MONEY)
def test_the_accounts_money_takes_every_key_of_it(status: int, raw: bytes) -> None:
    found = classified(status, raw)
    assert (found.verdict, found.account_wide) == (V.OUT_OF_FUNDS, True)


@pytest.mark.parametrize(("status", "raw", "is_overload"), LIMITED)
def test_limits_are_waited_out(status: int, raw: bytes, is_overload: bool) -> None:
    found = classified(status, raw, header="12")
    assert (found.verdict, found.retry_after) == (V.RATE_LIMITED, timedelta(seconds=12))
    assert found.is_overload is is_overload
    assert classified(status, raw).retry_after is None, "the default cooldown"


@pytest.mark.parametrize(("status", "raw", "is_overload"), FAILING)
def test_what_the_provider_breaks_another_key_may_do(status: int, raw: bytes, is_overload: bool) -> None:
    found = classified(status, raw, header="12")
    assert (found.verdict, found.is_overload, found.retry_after) == (V.RETRYABLE, is_overload, None)


@pytest.mark.parametrize(("status", "raw"), ROUTE)
def test_a_blocked_address_is_the_roads_fault(status: int, raw: bytes) -> None:
    assert classified(status, raw).verdict is V.ROUTE_BLOCKED


@pytest.mark.parametrize("status", range(300, 600))
def test_words_decide_nothing(status: int) -> None:
    words = (
        "content_policy_violation invalid key Insufficient credits openrouter_key_limit capacity_exhausted"
    )
    spoken, silent = classified(status, body(words)), classified(status, body())
    assert (spoken.verdict, spoken.account_wide) == (silent.verdict, silent.account_wide)


def test_an_error_in_a_200_is_read_by_its_own_number() -> None:
    def found(error: object) -> Verdict:
        return classify_error_in_answer(described(error), now=NOW, secret=SECRET).verdict

    assert found({"code": 402, "message": "Insufficient credits"}) is V.OUT_OF_FUNDS
    assert found({"code": 400, "metadata": {"error_type": "refusal"}}) is V.USER_ERROR
    for odd in ("soon", 7, [], {}, {"code": "502"}, {"code": 200}, {"code": None, "metadata": "x"}):
        assert found(odd) is V.RETRYABLE


def test_a_picture_is_a_success_and_nothing_else_is() -> None:
    assert classify_answer(has_image=True, note="", secret=SECRET).verdict is V.SUCCESS
    nothing = classify_answer(has_image=False, note=f"no data for {SECRET}", secret=SECRET)
    assert nothing.verdict is V.NO_IMAGE
    assert SECRET not in nothing.detail


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=8,
)
named = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("code", "message", "metadata", "availability"), json_values)
)


@given(
    st.integers(100, 999),
    st.binary(max_size=60)
    | json_values.map(json.dumps).map(str.encode)
    | named.map(lambda error: json.dumps({"error": error}).encode()),
    st.text(max_size=30),
)
def test_nothing_that_arrives_is_too_odd_to_be_classified(status: int, raw: bytes, header: str) -> None:
    assert isinstance(classified(status, raw, header), Classified)


@given(st.integers(300, 599), st.text(max_size=40))
def test_no_detail_shows_the_key(status: int, around: str) -> None:
    raw = body(f"{around}Bearer {SECRET} {around}", scope=f"api_key:{SECRET}")
    assert SECRET not in classified(status, raw).detail
