"""OpenRouter's error answers, a row each, selectable by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nproxy_sandbox.openrouter.errors import Refusal, unavailable

RETRY_SECONDS = 12.0
RESETS_AT = "2026-12-01T00:00:00.000Z"


@dataclass(frozen=True)
class Asked:
    """What an error may be worded with."""

    key: str
    model: str
    seconds: float | None


@dataclass(frozen=True)
class RefusalFault:
    """`make` words the error. `state`: it meets the question for the key's own state, too."""

    name: str
    says: str
    make: Callable[[Asked], Refusal]
    state: bool = False


def _row(name: str, refusal: Refusal, *, state: bool = False) -> RefusalFault:
    return RefusalFault(name, f"{refusal.code} {refusal.message[:70]}", lambda _: refusal, state)


def _plain(name: str, code: int, kind: str, message: str, *, state: bool = False) -> RefusalFault:
    return _row(name, Refusal(code, message, kind), state=state)


def _waiting(name: str, refusal: Refusal, *, state: bool = False) -> RefusalFault:
    """With a Retry-After of 12 s, or of the given seconds."""

    def make(asked: Asked) -> Refusal:
        seconds = RETRY_SECONDS if asked.seconds is None else asked.seconds
        headers = {"Retry-After": f"{seconds:.0f}", "X-RateLimit-Remaining": "0"}
        return Refusal(
            refusal.code, refusal.message, refusal.kind, refusal.metadata, refusal.availability, headers
        )

    return RefusalFault(name, f"{refusal.code} {refusal.message[:60]} (Retry-After)", make, state)


def _budget(name: str, code: int, source: str, scope: str) -> RefusalFault:
    metadata = {
        "limit_source": source,
        "scope": scope,
        "limit_usd": 10,
        "spend_usd": 10.02,
        "resets_at": RESETS_AT,
    }
    return _row(name, Refusal(code, f"Budget limit exceeded ({scope})", "payment_required", metadata))


def _gone(name: str, code: int, reason: str) -> RefusalFault:
    return _row(name, unavailable(code, reason, f"This model is not available: {reason}"))


USERS_OWN = (
    _plain("policy", 400, "content_policy_violation", "The request was rejected by the safety system."),
    _plain("refusal", 400, "refusal", "The model refused to draw this."),
    _plain("invalid_prompt", 400, "invalid_prompt", "The prompt is empty or malformed."),
    _plain("context_length", 400, "context_length_exceeded", "The prompt is too long."),
    _plain("invalid_image", 400, "invalid_image", "The image could not be decoded."),
    _plain("image_too_large", 400, "image_too_large", "The image is too large."),
    _plain("image_too_small", 400, "image_too_small", "The image is too small."),
    _plain("image_format", 400, "unsupported_image_format", "image/tiff is not supported."),
    _plain("image_download", 400, "image_download_failed", "The image could not be fetched."),
    _plain("image_not_found", 404, "image_not_found", "There is no such image."),
    _plain("payload", 413, "payload_too_large", "Request body is too large"),
    _row(
        "moderation",
        Refusal(
            403,
            "google/gemini requires moderation. Your input was flagged.",
            metadata={
                "reasons": ["sexual"],
                "flagged_input": "a fox",
                "provider_name": "Google",
                "model_slug": "google/gemini-nano-banana-2.1",
            },
        ),
    ),
    _row("guardrail", Refusal(403, "Blocked by a guardrail", metadata={"patterns": ["email"]})),
    _row(
        "blocked_upstream",
        Refusal(502, "Provider returned an error", "provider_unavailable", {"provider_code": "IMAGE_SAFETY"}),
    ),
)
OURS = (
    _plain("invalid_request", 400, "invalid_request", "n: must be 1"),
    _plain("unprocessable", 422, "unprocessable", "The request could not be processed"),
    _plain("bare_400", 400, "", "Bad request"),
    _plain("unknown_400", 400, "of_a_new_kind", "The planets are not aligned."),
    _plain("not_found", 404, "not_found", "Not found"),
    _gone("model_not_found", 404, "model_not_found"),
    _gone("wrong_endpoint", 400, "wrong_endpoint"),
    _gone("no_endpoints", 404, "no_endpoints"),
    _gone("model_deprecated", 404, "model_deprecated"),
    _gone("model_unavailable", 404, "model_unavailable_upstream"),
    _gone("constraint_filtered", 404, "constraint_filtered"),
    _gone("privacy_restricted", 404, "privacy_restricted"),
    _row("model_soon_back", unavailable(404, "model_unavailable_upstream", "Soon back", retryable=True)),
    _gone("region", 403, "region_restricted"),
)
KEYS_AND_MONEY = (
    _plain("unauthorized", 401, "authentication", "User not found.", state=True),
    _plain("forbidden", 403, "permission_denied", "This key may not do that", state=True),
    _plain("bare_403", 403, "", "Forbidden"),
    RefusalFault(
        "echo",
        "401 that echoes the whole key",
        lambda asked: Refusal(401, f"Invalid credentials: Bearer {asked.key}", "authentication"),
        state=True,
    ),
    _waiting(
        "in_flight",
        Refusal(
            402,
            "Too much of the budget is in flight",
            "payment_required",
            {"limit_source": "openrouter_in_flight_budget", "reason": "in_flight_budget_exhausted"},
        ),
    ),
    _row(
        "credits",
        Refusal(
            402,
            "This request requires more credits",
            "payment_required",
            {"limit_source": "openrouter_credits", "reason": "weight_exceeds_budget"},
        ),
    ),
    _plain("bare_402", 402, "", "Insufficient credits"),
    _budget("key_limit_402", 402, "openrouter_key_limit", "key_limit"),
    _budget("key_limit", 403, "openrouter_key_limit", "key_limit"),
    _budget("workspace_budget", 403, "openrouter_workspace_budget", "workspace"),
    _budget("guardrail_budget", 403, "openrouter_guardrail_budget", "member"),
    _budget("new_budget", 403, "openrouter_of_a_new_kind", "moon"),
)
SERVER = (
    _waiting("rate_limited", Refusal(429, "Rate limit exceeded", "rate_limit_exceeded"), state=True),
    _waiting("capacity", unavailable(429, "capacity_exhausted", "No capacity left", retryable=True)),
    _plain("bare_429", 429, "", "Too many requests"),
    _plain("timeout_408", 408, "timeout", "Request timed out"),
    _plain("timeout_504", 504, "timeout", "Upstream timed out"),
    _plain("timeout_524", 524, "timeout", "A timeout occurred"),
    _plain("server", 500, "server", "Internal Server Error", state=True),
    _plain("provider_unavailable", 502, "provider_unavailable", "Provider returned an error"),
    _plain("unbilled_failure", 502, "unmapped", "Image generation failed or was cancelled"),
    _waiting("overloaded", Refusal(503, "Provider is overloaded", "provider_overloaded")),
    _row("temporarily", unavailable(503, "temporarily_unavailable", "Back in a minute", retryable=True)),
    _plain("overloaded_529", 529, "provider_overloaded", "Provider is overloaded"),
)
