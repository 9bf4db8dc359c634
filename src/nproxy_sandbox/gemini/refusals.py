"""Google's error answers, a row each, selectable by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nproxy_sandbox.gemini import errors
from nproxy_sandbox.gemini.errors import Refusal, error_info, localized


@dataclass(frozen=True)
class Asked:
    """What an error may be worded with: the caller's key, the model, seconds if any were given."""

    key: str
    model: str
    seconds: float | None


Make = Callable[[Asked], Refusal]


@dataclass(frozen=True)
class RefusalFault:
    """`make` words the error. `listing`: it meets the listing of models, too."""

    name: str
    says: str
    make: Make
    listing: bool = False


def _always(refusal: Refusal) -> Make:
    return lambda _: refusal


def _row(
    name: str, code: int, message: str, *details: dict[str, object], status: str = "", listing: bool = False
) -> RefusalFault:
    refusal = Refusal(code, message, details, status)
    return RefusalFault(name, f"{code} {message[:70]}", _always(refusal), listing)


def _key_row(name: str, reason: str, message: str) -> RefusalFault:
    """A 403 about the key or its project, with its reason in the details."""
    return _row(
        name,
        403,
        message,
        error_info(reason, consumer="projects/123456789"),
        localized(message),
        listing=True,
    )


def _suspended(asked: Asked) -> Refusal:
    """The one that echoes the caller's whole key, twice."""
    info = error_info(
        "CONSUMER_SUSPENDED", consumer="projects/123456789", containerInfo=f"api_key:{asked.key}"
    )
    return Refusal(403, f"Permission denied: Consumer 'api_key:{asked.key}' has been suspended.", (info,))


# Whoever searches the body for the reason blames the key.
_MENTIONS_REASON = errors.unknown_name("API_KEY_INVALID", "generation_config")
_EXPIRED = "API key expired. Please renew the API key."

KEY_AND_REQUEST = (
    RefusalFault("key_invalid", "400 API_KEY_INVALID", _always(errors.KEY_INVALID), listing=True),
    _row("key_expired", 400, _EXPIRED, error_info("API_KEY_INVALID"), localized(_EXPIRED), listing=True),
    RefusalFault(
        "key_twice", "400 Multiple authentication credentials", _always(errors.KEY_TWICE), listing=True
    ),
    RefusalFault(
        "unknown_name",
        "400 Unknown name",
        _always(errors.unknown_name("imageSise", "generation_config.image_config")),
    ),
    RefusalFault(
        "schema_mentions_reason", "400 whose text mentions API_KEY_INVALID", _always(_MENTIONS_REASON)
    ),
    _row("bad_ratio", 400, "Aspect ratio 5:3 is not supported. Supported aspect ratios: 1:1, 16:9."),
    _row("bad_size", 400, "Image size 1k is not supported."),
    _row("many_candidates", 400, "Multiple candidates is not enabled for this model"),
    _row(
        "developer_instruction", 400, "Developer instruction is not enabled for models/gemini-2.5-flash-image"
    ),
    _row(
        "thought_signature",
        400,
        "Image part is missing a thought_signature in content position 2, part position 1.",
    ),
    RefusalFault("input_image", "400 Unable to process input image", _always(errors.BAD_PICTURE)),
    RefusalFault("too_large", "400 Request payload size exceeds the limit", _always(errors.TOO_LARGE)),
    _row("bare_400", 400, "Request contains an invalid argument."),
    _row("unknown_400", 400, "The planets are not aligned.", status="FAILED_PRECONDITION"),
    _row(
        "location",
        400,
        "User location is not supported for the API use.",
        status="FAILED_PRECONDITION",
        listing=True,
    ),
    _row(
        "free_tier_country",
        400,
        "Gemini API free tier is not available in your country. "
        "Please enable billing on your project in Google AI Studio.",
        status="FAILED_PRECONDITION",
    ),
    _row(
        "billing_required", 400, "Please enable billing on project 123456789.", status="FAILED_PRECONDITION"
    ),
    _row(
        "billing_not_enabled",
        400,
        "Billing is not enabled for project 123456789.",
        status="FAILED_PRECONDITION",
    ),
    RefusalFault("token_type", "401 ACCESS_TOKEN_TYPE_UNSUPPORTED", _always(errors.TOKEN_TYPE), listing=True),
    _row("unauthenticated", 401, "Request is missing required authentication credential.", listing=True),
    _row("leaked", 403, "Your API key was reported as leaked. Please use another API key.", listing=True),
    RefusalFault("suspended", "403 CONSUMER_SUSPENDED, echoing the whole key", _suspended, listing=True),
    _row("denied", 403, "Your project has been denied access. Please contact support.", listing=True),
    _key_row(
        "service_disabled",
        "SERVICE_DISABLED",
        ("Generative Language API has not been used in project 123456789 before or it is disabled."),
    ),
    _key_row("billing_disabled", "BILLING_DISABLED", "This API method requires billing to be enabled."),
    _key_row(
        "service_blocked",
        "API_KEY_SERVICE_BLOCKED",
        (
            "Requests to this API generativelanguage.googleapis.com method "
            "google.ai.generativelanguage.v1beta.GenerativeService.GenerateContent are blocked."
        ),
    ),
    _key_row(
        "ip_blocked", "API_KEY_IP_ADDRESS_BLOCKED", "The provided API key has an IP address restriction."
    ),
    _key_row(
        "referrer_blocked", "API_KEY_HTTP_REFERRER_BLOCKED", "Requests from referer <empty> are blocked."
    ),
    _key_row(
        "consumer_invalid", "CONSUMER_INVALID", "Permission denied: Consumer 'projects/123456789' is invalid."
    ),
    _row("unrestricted_key", 403, "Requests from unrestricted API keys are blocked.", listing=True),
    _row("bare_403", 403, "The caller does not have permission", listing=True),
    RefusalFault(
        "model_missing",
        "404 is not found for API version v1beta",
        lambda asked: errors.no_such_model(asked.model),
    ),
    RefusalFault(
        "model_retired", "404 is no longer available", lambda asked: errors.retired_model(asked.model)
    ),
)

HIGH_DEMAND = (
    "This model is currently experiencing high demand. Spikes in demand are usually temporary. "
    "Please try again later."
)
SERVER = (
    _row("timeout_408", 408, "Request timed out."),
    _row("cancelled", 499, "The operation was cancelled."),
    _row(
        "internal",
        500,
        (
            "An internal error has occurred. Please retry or report in "
            "https://developers.generativeai.google/guide/troubleshooting"
        ),
    ),
    _row("unimplemented", 501, "Operation is not implemented, or supported, or enabled."),
    _row("overloaded", 503, "The model is overloaded. Please try again later."),
    _row("high_demand", 503, HIGH_DEMAND),
    RefusalFault(
        "list_wrapped", "503 inside a one-element list", _always(Refusal(503, HIGH_DEMAND, in_list=True))
    ),
    _row("deadline_503", 503, "Deadline expired before operation could complete."),
    RefusalFault("deadline", "504 DEADLINE_EXCEEDED", _always(errors.DEADLINE)),
)
