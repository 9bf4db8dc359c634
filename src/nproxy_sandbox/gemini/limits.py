"""Google's answers about money and rates: 402 and the many causes that share 429."""

from __future__ import annotations

from nproxy_sandbox.gemini.errors import Refusal
from nproxy_sandbox.gemini.refusals import Asked, RefusalFault

Detail = dict[str, object]

MINUTE_METRIC = "generativelanguage.googleapis.com/generate_content_paid_tier_image_requests"
DAY_METRIC = "generativelanguage.googleapis.com/generate_requests_per_model_per_day"
FREE_METRIC = "generativelanguage.googleapis.com/generate_content_free_tier_requests"
PER_MINUTE = "GenerateImagesPerMinutePerProjectPerModel-PaidTier"
PER_DAY = "GenerateRequestsPerDayPerProjectPerModel-PaidTier"
FREE_TIER = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
QUOTA = (
    "You exceeded your current quota, please check your plan and billing details. "
    "For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. "
)
RETRY_SECONDS = 21.0
BARE = "Resource has been exhausted (e.g. check quota)."
DEPLETED = (
    "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects "
    "to manage your project and billing."
)


def _violation(metric: str, quota: str, model: str, value: str) -> Detail:
    dimensions = {"location": "global", "model": model}
    return {"quotaMetric": metric, "quotaId": quota, "quotaDimensions": dimensions, "quotaValue": value}


def _exceeded(
    message: str, violations: list[Detail], seconds: float | None, headers: dict[str, str] | None = None
) -> Refusal:
    details: list[Detail] = [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations}
    ]
    links = [
        {
            "description": "Learn more about Gemini API quotas",
            "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
        }
    ]
    details.append({"@type": "type.googleapis.com/google.rpc.Help", "links": links})
    if seconds is not None:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{seconds:g}s"})
    return Refusal(429, message, tuple(details), headers=headers or {})


def _per_minute(asked: Asked) -> Refusal:
    wait = RETRY_SECONDS if asked.seconds is None else asked.seconds
    violation = _violation(MINUTE_METRIC, PER_MINUTE, asked.model, "10")
    quota = f"* Quota exceeded for metric: {MINUTE_METRIC}, limit: 10, model: {asked.model}"
    return _exceeded(f"{QUOTA}\n{quota}\nPlease retry in {wait:g}s.", [violation], wait)


def _per_day(asked: Asked) -> Refusal:
    return _exceeded(
        f"{QUOTA}\n* Quota exceeded for metric: {DAY_METRIC}, limit: 1000",
        [_violation(DAY_METRIC, PER_DAY, asked.model, "1000")],
        None,
    )


def _minute_and_day(asked: Asked) -> Refusal:
    """Both quotas at once: the longer one counts, whatever RetryInfo says."""
    violations = [
        _violation(MINUTE_METRIC, PER_MINUTE, asked.model, "10"),
        _violation(DAY_METRIC, PER_DAY, asked.model, "1000"),
    ]
    return _exceeded(QUOTA, violations, RETRY_SECONDS if asked.seconds is None else asked.seconds)


def _free_tier(asked: Asked) -> Refusal:
    violation = _violation(FREE_METRIC, FREE_TIER, asked.model, "0")
    quota = f"* Quota exceeded for metric: {FREE_METRIC}, limit: 0, model: {asked.model}"
    return _exceeded(
        f"{QUOTA}\n{quota}\nPlease retry in 21s.",
        [violation],
        RETRY_SECONDS if asked.seconds is None else asked.seconds,
    )


def _with_header(asked: Asked) -> Refusal:
    """Retry-After is longer than RetryInfo: the larger one counts."""
    wait = 30.0 if asked.seconds is None else asked.seconds
    return _exceeded(
        QUOTA,
        [_violation(MINUTE_METRIC, PER_MINUTE, asked.model, "10")],
        wait / 2,
        {"Retry-After": f"{wait:.0f}"},
    )


def _plain(name: str, code: int, message: str) -> RefusalFault:
    return RefusalFault(name, f"{code} {message[:70]}", lambda _: Refusal(code, message))


LIMITS = (
    _plain("depleted", 402, DEPLETED),
    RefusalFault("per_minute", "429 PerMinute with RetryInfo (21 s or the given seconds)", _per_minute),
    RefusalFault("per_day", "429 PerDay: over until midnight Pacific", _per_day),
    RefusalFault("per_minute_and_day", "429 PerMinute and PerDay together", _minute_and_day),
    RefusalFault("free_tier", "429 FreeTier, limit: 0: a project without billing", _free_tier),
    RefusalFault("retry_after", "429 with a Retry-After header longer than RetryInfo", _with_header),
    _plain(
        "spending_cap",
        429,
        (
            "Your project has exceeded its monthly spending cap. Please go to AI Studio at "
            "https://ai.studio/spend to manage your project spend cap."
        ),
    ),
    _plain(
        "account_cap",
        429,
        (
            "Your billing account has exceeded its monthly spending cap. Please go to AI Studio at "
            "https://ai.studio/spend."
        ),
    ),
    _plain(
        "spend_rate",
        429,
        (
            "You have exceeded the spend-based rate limit of your billing account for the last 10 minutes. "
            "Please try again later."
        ),
    ),
    _plain("depleted_429", 429, DEPLETED),
    _plain("bare_429", 429, BARE),
)
