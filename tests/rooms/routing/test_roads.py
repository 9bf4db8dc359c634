"""A key's proxy goes first; where it fails, the same key goes directly, and nobody notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from nproxy.audit.rules import Actor
from nproxy.kit.threads import in_database
from nproxy.providers import actions as providers
from nproxy.providers import queries
from nproxy.providers.models import Attempt
from nproxy.providers.rules import DrawRequest
from nproxy.routing import actions as routing
from nproxy_sandbox.testing import Running, RunningProxy, running_gemini, running_proxy, trust

BANANA = DrawRequest(prompt="a banana", resolution="1K", aspect_ratio="1:1")
AddKey = Callable[..., int]
pytestmark = pytest.mark.django_db(transaction=True)


def clock() -> datetime:
    return datetime.now(UTC)


async def dispatch() -> routing.Drawn:
    return await routing.dispatch(work=uuid4(), model="nano_banana", request=BANANA, clock=clock)


async def roads() -> list[tuple[str, str]]:
    rows = Attempt.objects.order_by("id").values_list("route", "verdict")
    return await in_database(lambda: list(rows))


@pytest.fixture(scope="module")
def _provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_gemini(flat_bytes=60_000, tls_dir=tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture(scope="module")
def proxy() -> Iterator[RunningProxy]:
    with running_proxy("http") as running:
        yield running


@pytest.fixture
def provider(
    _provider: Running, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Running:
    """Gemini over TLS, so that a proxy really has to make a tunnel."""
    monkeypatch.setenv("SSL_CERT_FILE", str(trust(tmp_path / "trust.pem", _provider.authority)))
    _provider.control.reset()
    settings.NPROXY_GEMINI_BASE_URL = _provider.base_url
    return _provider


Through = Callable[..., None]


@pytest.fixture
def through(proxy: RunningProxy, add_key: AddKey, operator: Actor) -> Through:
    """Adds keys that go out by the proxy, which meets them with `fault`."""

    def add(fault: str, *keys: str, is_required: bool = False) -> None:
        url = proxy.url(f"sandbox-{fault}")
        providers.add_proxy(name="berlin", url=url, is_required=is_required, actor=operator, now=clock())
        for number, key in enumerate(keys):
            add_key(f"key-{number}", fault=key, proxy="berlin")

    return add


async def test_a_proxy_that_works_is_the_only_road(provider: Running, through: Through) -> None:
    await in_database(through, "ok", "ok")
    assert (await dispatch()).data
    assert await roads() == [("proxy", "success")]


@pytest.mark.parametrize(
    "fault", ["auth", "refused", "bad_gateway", "wrong_certificate", "reset_after_sending", "reset_mid_body"]
)
async def test_a_proxy_that_fails_in_any_way_costs_the_key_nothing(
    provider: Running, through: Through, fault: str
) -> None:
    await in_database(through, fault, "ok")
    assert (await dispatch()).data
    assert await roads() == [("proxy", "proxy_failed"), ("direct", "success")]
    [key] = await in_database(queries.keys, clock())
    assert (key.status, key.failures) == ("active", 0)


async def test_a_dead_proxy_costs_its_limit_three_times_and_then_is_skipped(
    provider: Running, through: Through
) -> None:
    await in_database(through, "refused", "ok")
    for _ in range(5):
        await dispatch()
    assert [route for route, _ in await roads()] == ["proxy", "direct"] * 3 + ["direct"] * 2


async def test_a_key_whose_required_proxy_fails_is_passed_over(
    provider: Running, through: Through, add_key: AddKey
) -> None:
    await in_database(lambda: through("refused", "ok", is_required=True))
    await in_database(add_key, "direct", fault="ok")
    assert (await dispatch()).data
    assert await roads() == [("proxy", "proxy_failed"), ("direct", "success")]


async def test_an_address_that_the_provider_refuses_is_left_for_the_direct_road(
    provider: Running, through: Through
) -> None:
    provider.control.order("location", times=1)
    await in_database(through, "ok", "ok")
    assert (await dispatch()).data
    assert await roads() == [("proxy", "route_blocked"), ("direct", "success")]


async def test_what_the_provider_answers_through_the_proxy_is_not_asked_twice(
    provider: Running, through: Through
) -> None:
    await in_database(through, "ok", "leaked", "internal", "ok")
    assert (await dispatch()).data
    assert await roads() == [("proxy", "key_rejected"), ("proxy", "retryable"), ("proxy", "success")]


async def test_a_failing_key_is_found_out_on_the_direct_road(provider: Running, through: Through) -> None:
    await in_database(through, "refused", "internal", "ok")
    assert (await dispatch()).data
    assert await roads() == [
        ("proxy", "proxy_failed"),
        ("direct", "retryable"),
        ("proxy", "proxy_failed"),
        ("direct", "success"),
    ]
    statuses = {line.label: line.status for line in await in_database(queries.keys, clock())}
    assert statuses == {"key-0": "cooldown", "key-1": "active"}
