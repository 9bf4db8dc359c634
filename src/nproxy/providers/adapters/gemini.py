"""Google's Gemini API: one POST draws one picture."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import ParamSpec, TypeVar

import msgspec
from django.conf import settings

from nproxy.kit.http import sessions
from nproxy.kit.http.exchange import Answer, TimeLimits, exchange
from nproxy.kit.http.failures import ExchangeFailed, FailureKind
from nproxy.providers.adapters import gemini_wire
from nproxy.providers.rules import Classified, DrawRequest, Verdict
from nproxy.providers.rules.attempt import Outcome
from nproxy.providers.rules.gemini import classify_answer, classify_error, classify_failure
from nproxy.providers.rules.prices import gemini_cost
from nproxy.providers.rules.redaction import redact

P = ParamSpec("P")
R = TypeVar("R")

WIRE = "gemini direct"
ANSWER_CAP = 64 * 1024 * 1024
ERROR_CAP = 64 * 1024
LISTING_CAP = 4 * 1024 * 1024
LISTING_SECONDS = 30
# What an answer is taken to weigh when it does not say: base64, an interim picture included.
EXPECTED_BYTES = {"1K": 4_000_000, "2K": 12_000_000, "4K": 32_000_000}
# From here on coding base64 would hold the event loop for more than about 5 ms.
OFF_LOOP_BYTES = 8_000_000


async def draw(request: DrawRequest, *, secret: str, started_at: datetime) -> Outcome:
    """Ask for one picture. Never raises for what the network or the provider does: that is the outcome."""
    began = time.perf_counter()
    model = settings.NPROXY_GEMINI_MODEL
    weight = sum(len(source.data) for source in request.sources)
    try:
        async with exchange(
            WIRE,
            "POST",
            f"{settings.NPROXY_GEMINI_BASE_URL}/v1beta/models/{model}:generateContent",
            headers={"x-goog-api-key": secret, "Content-Type": "application/json"},
            limits=_limits(request.resolution),
            body=await _off_loop(weight, gemini_wire.encode, request),
        ) as answer:
            if answer.status == HTTPStatus.OK:
                outcome = await _read_drawing(answer, request, model, secret)
            else:
                outcome = await _read_error(answer, _moment(started_at, began), secret)
    except ExchangeFailed as failure:
        outcome = Outcome(classify_failure(failure, secret=secret))
    return replace(outcome, seconds=time.perf_counter() - began)


async def probe(*, secret: str, started_at: datetime) -> Classified:
    """The cheap test of a key: whether it sees the configured model. Costs nothing, says nothing of its money."""
    began = time.perf_counter()
    try:
        async with exchange(
            WIRE,
            "GET",
            f"{settings.NPROXY_GEMINI_BASE_URL}/v1beta/models?pageSize=1000",
            headers={"x-goog-api-key": secret},
            limits=TimeLimits(settings.NPROXY_CONNECT_TIMEOUT, read=LISTING_SECONDS),
        ) as answer:
            if answer.status != HTTPStatus.OK:
                return (await _read_error(answer, _moment(started_at, began), secret)).classified
            names = gemini_wire.model_names(await answer.whole(LISTING_CAP))
    except ExchangeFailed as failure:
        return classify_failure(failure, secret=secret)
    except msgspec.DecodeError:
        return classify_failure(ExchangeFailed(FailureKind.MALFORMED, sent=True), secret=secret)
    if settings.NPROXY_GEMINI_MODEL not in names:
        detail = f"{settings.NPROXY_GEMINI_MODEL} is not among the {len(names)} models that this key sees"
        return Classified(Verdict.MISCONFIGURED, detail=detail)
    return Classified(Verdict.SUCCESS, detail=f"sees {len(names)} models")


async def _read_drawing(answer: Answer, request: DrawRequest, model: str, secret: str) -> Outcome:
    async with sessions.gate().room(answer.size or EXPECTED_BYTES.get(request.resolution, ANSWER_CAP)):
        body = await answer.whole(ANSWER_CAP)
        try:
            drawing = await _off_loop(len(body), gemini_wire.decode, body)
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
        cost_microusd=gemini_cost(drawing.model_version or model, drawing.usage),
    )


async def _read_error(answer: Answer, now: datetime, secret: str) -> Outcome:
    body = bytes(await answer.beginning(ERROR_CAP))
    header = answer.headers.get("Retry-After", "")
    classified = classify_error(answer.status, body, header=header, now=now, secret=secret)
    return Outcome(classified, http_status=answer.status, bytes_in=len(body))


def _limits(resolution: str) -> TimeLimits:
    read = settings.NPROXY_READ_TIMEOUT_4K if resolution == "4K" else settings.NPROXY_READ_TIMEOUT
    return TimeLimits(settings.NPROXY_CONNECT_TIMEOUT, read)


def _moment(started_at: datetime, began: float) -> datetime:
    return started_at + timedelta(seconds=time.perf_counter() - began)


async def _off_loop(weight: int, step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    if weight < OFF_LOOP_BYTES:
        return step(*args, **kwargs)
    return await asyncio.to_thread(step, *args, **kwargs)
