"""OpenRouter: one POST draws one picture, and a key can ask what it may still spend."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus

import msgspec
from django.conf import settings

from nproxy.kit.http.exchange import Answer, exchange
from nproxy.kit.http.failures import ExchangeFailed, FailureKind
from nproxy.kit.http.proxies import ProxyAddress
from nproxy.kit.money import MICRO
from nproxy.kit.redaction import redact
from nproxy.providers.adapters import calls, openrouter_wire
from nproxy.providers.adapters.calls import Stopwatch
from nproxy.providers.rules import Classified, DrawRequest, Verdict
from nproxy.providers.rules.attempt import Outcome
from nproxy.providers.rules.balance import Balance
from nproxy.providers.rules.openrouter import classify_answer, classify_error, classify_error_in_answer
from nproxy.providers.rules.telling import Told
from nproxy.providers.rules.transport import classify_failure

WIRE = "openrouter"


async def draw(
    request: DrawRequest, *, secret: str, started_at: datetime, proxy: ProxyAddress | None = None
) -> Outcome:
    """Ask for one picture. Never raises for what the network or the provider does: that is the outcome.

    A picture that does not come is not billed, so an error costs nothing.
    """
    watch = Stopwatch(started_at)
    weight = sum(len(source.data) for source in request.sources)
    try:
        async with exchange(
            WIRE,
            "POST",
            f"{settings.NPROXY_OPENROUTER_BASE_URL}/images",
            headers={"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
            limits=calls.drawing_limits(request.resolution),
            proxy=proxy,
            body=await calls.off_loop(
                weight, openrouter_wire.encode, request, settings.NPROXY_OPENROUTER_MODEL
            ),
        ) as answer:
            if answer.status == HTTPStatus.OK:
                outcome = await _read_drawing(answer, request, watch, secret)
            else:
                outcome = await _read_error(answer, watch, secret)
    except ExchangeFailed as failure:
        outcome = Outcome(classify_failure(failure, secret=secret))
    return replace(outcome, seconds=watch.seconds)


async def probe(*, secret: str, started_at: datetime, proxy: ProxyAddress | None = None) -> Classified:
    """The cheap test of a key: whether it is one, what it may still spend, and whether the model exists.

    Costs nothing, says nothing of the account's money. The list of models is open to everybody, so it
    alone would prove no key.
    """
    told = await balance(secret=secret, started_at=started_at, proxy=proxy)
    if told.balance is None:
        return told.classified
    try:
        async with _asked("/models", secret, proxy) as answer:
            if answer.status != HTTPStatus.OK:
                return (await _read_error(answer, Stopwatch(started_at), secret)).classified
            names = openrouter_wire.model_names(await answer.whole(calls.LISTING_CAP))
    except ExchangeFailed as failure:
        return classify_failure(failure, secret=secret)
    except msgspec.DecodeError:
        return _not_understood(secret)
    if settings.NPROXY_OPENROUTER_MODEL not in names:
        detail = f"{settings.NPROXY_OPENROUTER_MODEL} is not among the {len(names)} models there are"
        return Classified(Verdict.MISCONFIGURED, detail=detail)
    return replace(told.classified, detail=f"sees {len(names)} models; {_left(told.balance)}")


async def balance(*, secret: str, started_at: datetime, proxy: ProxyAddress | None = None) -> Told:
    """What the key may still spend."""
    watch = Stopwatch(started_at)
    try:
        async with _asked("/key", secret, proxy) as answer:
            if answer.status != HTTPStatus.OK:
                return Told((await _read_error(answer, watch, secret)).classified)
            found = openrouter_wire.read_balance(await answer.whole(calls.LISTING_CAP))
    except ExchangeFailed as failure:
        return Told(classify_failure(failure, secret=secret))
    except msgspec.DecodeError:
        return Told(_not_understood(secret))
    return Told(Classified(Verdict.SUCCESS, detail=_left(found)), found)


def _left(found: Balance) -> str:
    if found.remaining_microusd is None:
        return "no limit on the key, so what is left is unknown"
    return f"{found.remaining_microusd / MICRO:.2f} USD left"


@asynccontextmanager
async def _asked(path: str, secret: str, proxy: ProxyAddress | None) -> AsyncIterator[Answer]:
    async with exchange(
        WIRE,
        "GET",
        f"{settings.NPROXY_OPENROUTER_BASE_URL}{path}",
        headers={"Authorization": f"Bearer {secret}"},
        limits=calls.listing_limits(),
        proxy=proxy,
    ) as answer:
        yield answer


async def _read_drawing(answer: Answer, request: DrawRequest, watch: Stopwatch, secret: str) -> Outcome:
    body = await calls.read_drawing(answer, request.resolution)
    try:
        drawing = await calls.off_loop(len(body), openrouter_wire.decode, body)
    except msgspec.ValidationError as error:
        classified = Classified(Verdict.NO_IMAGE, detail=redact(f"unknown shape: {error}"))
        return Outcome(classified, http_status=answer.status, bytes_in=len(body))
    except msgspec.DecodeError:
        return Outcome(_not_understood(secret), http_status=answer.status, bytes_in=len(body))
    if drawing.error is not None:
        classified = classify_error_in_answer(drawing.error, now=watch.now, secret=secret)
    else:
        classified = classify_answer(has_image=drawing.image is not None, note=drawing.note, secret=secret)
    return Outcome(
        classified,
        image=drawing.image if classified.verdict is Verdict.SUCCESS else None,
        http_status=answer.status,
        bytes_in=len(body),
        usage=drawing.usage,
        cost_microusd=drawing.cost_microusd,
    )


async def _read_error(answer: Answer, watch: Stopwatch, secret: str) -> Outcome:
    body = bytes(await answer.beginning(calls.ERROR_CAP))
    header = answer.headers.get("Retry-After", "")
    classified = classify_error(answer.status, body, header=header, now=watch.now, secret=secret)
    return Outcome(classified, http_status=answer.status, bytes_in=len(body), cost_microusd=0)


def _not_understood(secret: str) -> Classified:
    return classify_failure(ExchangeFailed(FailureKind.MALFORMED, sent=True), secret=secret)
