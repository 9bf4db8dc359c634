"""`GET /metrics` as docs/admin.md has it: the names, who may read them, and that they are the database's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from nproxy.audit.rules import SYSTEM
from nproxy.kit import presence
from nproxy.kit.ids import new_id
from nproxy.providers import actions as providers
from nproxy.providers.models import Attempt

pytestmark = pytest.mark.django_db

NAMES = {
    "nproxy_generations",
    "nproxy_generation_seconds",
    "nproxy_overhead_seconds",
    "nproxy_attempts",
    "nproxy_attempt_seconds",
    "nproxy_keys",
    "nproxy_queue_depth",
    "nproxy_queue_oldest_seconds",
    "nproxy_payments_total",
    "nproxy_webhooks",
    "nproxy_longpolls",
}


def figures(client: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = client.get("/metrics").content.decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_name_of_the_contract_is_there(client: Client) -> None:
    text = client.get("/metrics").content.decode()
    assert {family.name for family in text_string_to_metric_families(text)} == NAMES


def test_the_figures_are_those_of_the_tables(client: Client) -> None:
    now = timezone.now()
    key = providers.add_key(
        provider="gemini", label="k", secret="AQ.x-0123456789abcdef", actor=SYSTEM, now=now
    )
    for seconds in (3, 30):
        began = now - timedelta(minutes=2)
        Attempt.objects.create(
            work=new_id(),
            key_id=key,
            provider="gemini",
            started_at=began,
            finished_at=began + timedelta(seconds=seconds),
            verdict="success",
        )
    providers.count_attempts(now=now)
    found = figures(client)
    labels = (("provider", "gemini"), ("verdict", "success"))
    assert found["nproxy_attempts_total", labels] == 2
    assert found["nproxy_attempt_seconds_bucket", (("le", "4.0"), ("provider", "gemini"))] == 1
    assert found["nproxy_attempt_seconds_bucket", (("le", "+Inf"), ("provider", "gemini"))] == 2
    assert found["nproxy_attempt_seconds_sum", (("provider", "gemini"),)] == 33
    assert found["nproxy_keys", (("provider", "gemini"), ("status", "active"))] == 1
    assert figures(client) == found  # and asking changes nothing


def test_long_polls_are_summed_over_the_processes_that_are_alive(client: Client) -> None:
    now = timezone.now()
    for waiting, seen in ((3, now), (4, now), (50, now - timedelta(minutes=5))):
        presence.beat(new_id(), kind="web", started_at=now, long_polls=waiting, now=seen)
    assert figures(client)["nproxy_longpolls", ()] == 7


def test_without_a_token_only_this_machine_may_read_them_and_no_header_changes_that(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 401
    stranger = {"X-Forwarded-For": "127.0.0.1"}
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers=stranger).status_code == 401
    # Through a proxy on this machine: the peer is near, the asker is not.
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1", headers=stranger).status_code == 401


def test_with_a_token_whoever_has_it_may_read_them(client: Client, settings: Settings) -> None:
    settings.NPROXY_METRICS_TOKEN = "scr4pe"
    for given, status in (("Bearer scr4pe", 200), ("Bearer wrong", 401), ("", 401), ("Bearer scr4pé", 401)):
        assert client.get("/metrics", headers={"Authorization": given}).status_code == status
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 401
