"""A provider that speaks TLS, and a proxy of each kind before it: every road really is a tunnel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from nproxy_sandbox.testing import Running, RunningProxy, running_gemini, running_proxy, trust

FLAT_BYTES = 100_000
KINDS = ("http", "https", "socks5")


@pytest.fixture(scope="package")
def _provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_gemini(flat_bytes=FLAT_BYTES, tls_dir=tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture(scope="package", params=KINDS)
def _proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningProxy]:
    tls_dir = tmp_path_factory.mktemp("proxy") if request.param == "https" else None
    with running_proxy(request.param, tls_dir=tls_dir) as running:
        yield running


@pytest.fixture
def provider(
    _provider: Running,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Running:
    """Gemini over TLS where the product looks for it, its authority trusted, its memory empty."""
    proxy = request.getfixturevalue("_proxy") if "_proxy" in request.fixturenames else None
    trusted = trust(tmp_path / "trust.pem", _provider.authority, proxy and proxy.authority)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    _provider.control.reset()
    settings.NPROXY_GEMINI_BASE_URL = _provider.base_url
    return _provider


@pytest.fixture
def proxy(_proxy: RunningProxy, provider: Running) -> RunningProxy:
    """A proxy of each kind in turn, its memory empty."""
    _proxy.control.reset()
    return _proxy


@pytest.fixture(autouse=True)
async def _goodbye() -> AsyncIterator[None]:
    """TLS ends with a goodbye from either side: this loop, unlike a worker's, would not stay for it."""
    yield
    await asyncio.sleep(0.05)
