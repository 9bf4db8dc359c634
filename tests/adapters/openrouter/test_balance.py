"""What a key may still spend: a number only where there is a limit, and nothing where there is no answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest
from pytest_django import Settings

from nproxy.providers.adapters import openrouter as adapter
from nproxy.providers.adapters.openrouter_wire import read_balance
from nproxy.providers.rules import DrawRequest, Verdict
from nproxy.providers.rules.balance import Balance
from nproxy.providers.rules.telling import Told
from nproxy_sandbox.testing import Running

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
BANANA = DrawRequest(prompt="a banana in a space suit", resolution="1K", aspect_ratio="1:1")


def state(**data: object) -> bytes:
    return json.dumps({"data": {"label": "x", "usage": 3.2, "rate_limit": {"requests": -1}, **data}}).encode()


def budget(remaining: float | None) -> dict[str, object]:
    return {"scope": "workspace", "remaining_usd": remaining, "resets_at": "2026-12-01T00:00:00.000Z"}


@pytest.mark.parametrize(
    ("data", "balance"),
    [
        ({"limit": None, "limit_remaining": None}, Balance(None)),
        ({}, Balance(None)),
        ({"limit": 10, "limit_remaining": 6.8}, Balance(6_800_000)),
        ({"limit": 10, "limit_remaining": 0}, Balance(0)),
        ({"limit": 10, "limit_remaining": -0.25}, Balance(-250_000)),
        ({"limit_remaining": None, "effective_budget": None}, Balance(None)),
        ({"limit_remaining": None, "effective_budget": budget(2.5)}, Balance(2_500_000, DECEMBER)),
        ({"limit_remaining": 6.8, "effective_budget": budget(-1)}, Balance(-1_000_000, DECEMBER)),
        ({"limit_remaining": 0.5, "effective_budget": budget(2.5)}, Balance(500_000)),
        ({"limit_remaining": 0.5, "effective_budget": budget(None)}, Balance(500_000)),
    ],
)
def test_the_tighter_limit_counts_and_no_limit_is_unknown(data: dict[str, object], balance: Balance) -> None:
    assert read_balance(state(**data)) == balance


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"data": "soon"}',
        state(limit_remaining="much"),
        state(limit_remaining=1e300),
        state(effective_budget=[]),
    ],
)
def test_an_answer_of_another_shape_is_no_balance(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        read_balance(body)


async def told(fault: str) -> Told:
    return await adapter.balance(secret=f"sk-or-v1-sandbox-{fault}-1", started_at=NOW)


async def test_spending_shows_in_the_balance(openrouter: Running) -> None:
    before = (await told("ok")).balance
    outcome = await adapter.draw(BANANA, secret="sk-or-v1-sandbox-ok-1", started_at=NOW)
    after = (await told("ok")).balance
    assert before is not None
    assert before.remaining_microusd is not None
    assert outcome.cost_microusd
    assert after == Balance(before.remaining_microusd - outcome.cost_microusd)


@pytest.mark.parametrize(
    ("fault", "balance"),
    [
        ("limit_null", Balance(None)),
        ("limit_zero", Balance(0)),
        ("limit_low", Balance(500_000)),
        ("budget_low", Balance(750_000, DECEMBER)),
        ("budget_negative", Balance(-1_250_000, DECEMBER)),
    ],
)
async def test_every_state_is_read_over_the_wire(openrouter: Running, fault: str, balance: Balance) -> None:
    found = await told(fault)
    assert (found.classified.verdict, found.balance) == (Verdict.SUCCESS, balance)


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        ("unauthorized", Verdict.KEY_REJECTED),
        ("server", Verdict.RETRYABLE),
        ("rate_limited", Verdict.RATE_LIMITED),
        ("state_wrong_types", Verdict.RETRYABLE),
        ("truncated_json", Verdict.RETRYABLE),
        ("reset", Verdict.RETRYABLE),
        ("html_200", Verdict.RETRYABLE),
    ],
)
async def test_a_call_that_fails_has_a_verdict_and_no_balance(
    openrouter: Running, fault: str, verdict: Verdict
) -> None:
    found = await told(fault)
    assert (found.classified.verdict, found.balance) == (verdict, None)


async def test_nobody_listening_tells_nothing(settings: Settings) -> None:
    settings.NPROXY_OPENROUTER_BASE_URL = "http://127.0.0.1:1"
    assert (await told("ok")).balance is None
