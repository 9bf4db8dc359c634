"""Calls over real HTTP: what is stored afterwards, and that no secret is in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pytest_django import Settings

from nproxy.audit.models import AuditEntry
from nproxy.audit.rules import Actor
from nproxy.kit.threads import in_database
from nproxy.notifications.models import Alert
from nproxy.providers import actions as providers
from nproxy.providers.models import Attempt, ProviderKey
from nproxy.providers.rules import DrawRequest, Verdict
from nproxy_sandbox.testing import Running

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BANANA = DrawRequest(prompt="a banana", resolution="1K", aspect_ratio="1:1")
AddKey = Callable[..., int]
pytestmark = pytest.mark.django_db(transaction=True)


async def attempt() -> providers.Outcome:
    lease = await in_database(providers.lease, pool="nano_banana", work=uuid4(), tried=(), now=NOW)
    assert lease is not None
    outcome = await providers.call(lease, BANANA)
    await in_database(providers.report, lease, outcome, now=NOW)
    return outcome


async def test_a_picture_leaves_its_figures_in_the_attempt(gemini: Running, add_key: AddKey) -> None:
    await in_database(add_key, "a")
    outcome = await attempt()
    assert outcome.image is not None
    row = await in_database(Attempt.objects.get)
    assert (row.verdict, row.http_status, row.model_version) == ("success", 200, "gemini-nano-banana-2.1")
    assert row.bytes_in > len(outcome.image)
    assert row.cost_microusd


async def test_a_key_that_the_provider_echoes_is_stored_nowhere(
    gemini: Running, add_key: AddKey, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await in_database(add_key, "a", fault="suspended")
    outcome = await attempt()
    assert outcome.classified.verdict is Verdict.KEY_REJECTED

    def stored() -> str:
        rows = [*Attempt.objects.values(), *Alert.objects.values(), *AuditEntry.objects.values()]
        rows += ProviderKey.objects.values("label", "state", "state_reason", "tail")
        return json.dumps(rows, default=str)

    everything = await in_database(stored) + caplog.text + "".join(capsys.readouterr()) + repr(outcome)
    assert "CONSUMER_SUSPENDED" in everything
    assert "sandbox-suspended" not in everything


async def test_a_secret_that_does_not_open_costs_no_call(
    gemini: Running, add_key: AddKey, settings: Settings
) -> None:
    await in_database(add_key, "a")
    settings.NPROXY_ENCRYPTION_KEYS = [b"x" * 32]
    outcome = await attempt()
    assert outcome.classified.verdict is Verdict.KEY_REJECTED
    assert "NPROXY_ENCRYPTION_KEYS" in outcome.classified.detail
    assert gemini.control.calls() == []


async def test_a_bug_of_ours_is_an_outcome_and_no_exception(add_key: AddKey, settings: Settings) -> None:
    await in_database(add_key, "a")
    settings.NPROXY_GEMINI_BASE_URL = "no address at all"
    outcome = await attempt()
    assert outcome.classified.verdict is Verdict.MISCONFIGURED
    assert (await in_database(Attempt.objects.get)).verdict == "misconfigured"


async def test_a_key_is_tested_by_hand_without_a_turn_or_a_change(
    gemini: Running, add_key: AddKey, operator: Actor
) -> None:
    fine = await in_database(add_key, "a")
    leaked = await in_database(add_key, "b", fault="leaked")
    listed = await providers.test_key(key_id=fine, actor=operator, now=NOW)
    assert listed.is_ok, asdict(listed)
    drawn = await providers.test_key(key_id=fine, actor=operator, now=NOW, draw=True)
    assert drawn.is_ok
    assert drawn.image_bytes > 1000
    refused = await providers.test_key(key_id=leaked, actor=operator, now=NOW)
    assert (refused.is_ok, refused.verdict) == (False, Verdict.KEY_REJECTED)
    assert await in_database(ProviderKey.objects.filter(state="active").count) == 2
    assert await in_database(AuditEntry.objects.filter(action="key.tested").count) == 3
    assert not await in_database(Attempt.objects.exists)
    with pytest.raises(providers.UnknownKey):
        await providers.test_key(key_id=0, actor=operator, now=NOW)
