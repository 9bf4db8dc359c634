"""Google's Gemini API: one POST draws one picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from http import HTTPStatus

import msgspec
from django.conf import settings

from nproxy.kit.http.exchange import Answer, exchange
from nproxy.kit.http.failures import ExchangeFailed, FailureKind
from nproxy.kit.http.proxies import ProxyAddress
from nproxy.kit.redaction import redact
from nproxy.providers.adapters import calls, gemini_wire
from nproxy.providers.adapters.calls import Stopwatch
from nproxy.providers.rules import Classified, DrawRequest, Verdict
from nproxy.providers.rules.attempt import Outcome
from nproxy.providers.rules.gemini import classify_answer, classify_error
from nproxy.providers.rules.prices import gemini_cost
from nproxy.providers.rules.transport import classify_failure

WIRE = "gemini"


async def draw(
    request: DrawRequest, *, secret: str, started_at: datetime, proxy: ProxyAddress | None = None
) -> Outcome:
    """Ask for one picture. Never raises for what the network or the provider does: that is the outcome."""
    watch = Stopwatch(started_at)
    model = settings.NPROXY_GEMINI_MODEL
    weight = sum(len(source.data) for source in request.sources)
    try:
        async with exchange(
            WIRE,
            "POST",
            f"{settings.NPROXY_GEMINI_BASE_URL}/v1beta/models/{model}:generateContent",
            headers={"x-goog-api-key": secret, "Content-Type": "application/json"},
            limits=calls.drawing_limits(request.resolution),
            proxy=proxy,
            body=await calls.off_loop(weight, gemini_wire.encode, request),
        ) as answer:
            if answer.status == HTTPStatus.OK:
                outcome = await _read_drawing(answer, request, model, secret)
            else:
                outcome = await _read_error(answer, watch.now, secret)
    except ExchangeFailed as failure:
        outcome = Outcome(classify_failure(failure, secret=secret))
    return replace(outcome, seconds=watch.seconds)


async def probe(*, secret: str, started_at: datetime, proxy: ProxyAddress | None = None) -> Classified:
    """The cheap test of a key: whether it sees the configured model. Costs nothing, says nothing of its money."""
    watch = Stopwatch(started_at)
    try:
        async with exchange(
            WIRE,
            "GET",
            f"{settings.NPROXY_GEMINI_BASE_URL}/v1beta/models?pageSize=1000",
            headers={"x-goog-api-key": secret},
            limits=calls.listing_limits(),
            proxy=proxy,
        ) as answer:
            if answer.status != HTTPStatus.OK:
                return (await _read_error(answer, watch.now, secret)).classified
            names = gemini_wire.model_names(await answer.whole(calls.LISTING_CAP))
    except ExchangeFailed as failure:
        return classify_failure(failure, secret=secret)
    except msgspec.DecodeError:
        return classify_failure(ExchangeFailed(FailureKind.MALFORMED, sent=True), secret=secret)
    if settings.NPROXY_GEMINI_MODEL not in names:
        detail = f"{settings.NPROXY_GEMINI_MODEL} is not among the {len(names)} models that this key sees"
        return Classified(Verdict.MISCONFIGURED, detail=detail)
    return Classified(Verdict.SUCCESS, detail=f"sees {len(names)} models")


async def _read_drawing(answer: Answer, request: DrawRequest, model: str, secret: str) -> Outcome:
    body = await calls.read_drawing(answer, request.resolution)
    try:
        drawing = await calls.off_loop(len(body), gemini_wire.decode, body)
    except msgspec.ValidationError as error:
        classified = Classified(Verdict.NO_IMAGE, detail=redact(f"unknown shape: {error}"))
        return Outcome(classified, http_status=answer.status, bytes_in=len(body))
    except msgspec.DecodeError as error:
        failure = ExchangeFailed(FailureKind.MALFORMED, str(error), sent=True)
        classified = classify_failure(failure, secret=secret)
        return Outcome(classified, http_status=answer.status, bytes_in=len(body))
    classified = classify_answer(drawing.facts, secret=secret)
    return Outcome(
        classified,
        image=drawing.image if classified.verdict is Verdict.SUCCESS else None,
        http_status=answer.status,
        model_version=redact(drawing.model_version, limit=64),
        bytes_in=len(body),
        usage=drawing.usage,
        cost_microusd=gemini_cost(drawing.model_version or model, drawing.usage),
    )


async def _read_error(answer: Answer, now: datetime, secret: str) -> Outcome:
    body = bytes(await answer.beginning(calls.ERROR_CAP))
    header = answer.headers.get("Retry-After", "")
    classified = classify_error(answer.status, body, header=header, now=now, secret=secret)
    return Outcome(classified, http_status=answer.status, bytes_in=len(body))
