"""A proxy may fail in every way there is: whose fault it was is always known, and it costs seconds at most."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from nproxy.kit.http import proxies
from nproxy.kit.http.proxies import ProxyAddress
from nproxy.providers.adapters import gemini as adapter
from nproxy.providers.rules import DrawRequest, Verdict
from nproxy.providers.rules.attempt import Outcome
from nproxy_sandbox.proxy.faults import SAYS
from nproxy_sandbox.testing import Running, RunningProxy, running_proxy, trust

V = Verdict
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BANANA = DrawRequest(prompt="a banana in a space suit", resolution="1K", aspect_ratio="1:1")
KEY = "AQ.sandbox-ok-of-a-test-key"

# Fault of the proxy → the verdict, how the detail begins (a SOCKS proxy may word it otherwise), sent before.
PROXYS_OWN = {
    "auth": ("the proxy refused", False),
    "forbidden": ("the proxy refused", False),
    "bad_gateway": ("the proxy refused", False),
    "unavailable": ("the proxy refused", False),
    "refused": ("", False),
    "closed": ("", False),
    "garbage": ("", False),
    "hang": ("the proxy did not let us through in time", False),
    "hang_after_consent": ("TLS took too long", False),
    "reset_after_consent": ("", False),
    "wrong_certificate": ("TLS failed", False),
    "html_after_consent": ("TLS failed", False),
    "reset_after_sending": ("", True),
    "reset_mid_body": ("", True),
    "closed_mid_body": ("", True),
    "stall_sending": ("sending took too long", True),
}
# Seconds: what a busy machine may need for a phase that works, and more than any needs.
SHORT, LONG = 3.0, 60.0
FINE = ("ok", "slow", "slow_consent-0.05s")
SILENT = ("stall_mid_body",)


@dataclass(frozen=True)
class Source:
    media_type: str
    data: bytes


def by(proxy: RunningProxy, user: str) -> ProxyAddress:
    return proxies.parse(proxy.url(user))


async def drawn(proxy: ProxyAddress | None, request: DrawRequest = BANANA, secret: str = KEY) -> Outcome:
    return await adapter.draw(request, secret=secret, started_at=NOW, proxy=proxy)


def test_every_fault_of_the_stand_in_is_tried_here() -> None:
    tried = {*PROXYS_OWN, *SILENT, *(name.split("-")[0] for name in FINE)}
    assert tried - {"ok"} == set(SAYS)


@pytest.mark.parametrize("name", FINE)
async def test_a_picture_comes_through_a_tunnel(proxy: RunningProxy, provider: Running, name: str) -> None:
    outcome = await drawn(by(proxy, f"sandbox-{name}-x" if name != "ok" else "sandbox-ok-x"))
    assert outcome.classified.verdict is V.SUCCESS, outcome
    assert outcome.image
    (tunnel,) = proxy.control.calls()
    assert tunnel.model == provider.base_url.removeprefix("https://")
    assert provider.control.calls()[-1].status == 200


@pytest.mark.parametrize("fault", [fault for fault in PROXYS_OWN if fault != "stall_sending"])
async def test_what_fails_on_the_proxys_path_is_the_proxys(
    proxy: RunningProxy, settings: Settings, fault: str
) -> None:
    words, was_sent = PROXYS_OWN[fault]
    settings.NPROXY_CONNECT_TIMEOUT = SHORT if "time" in words or "too long" in words else LONG
    if proxy.address.startswith("https") and words == "TLS failed":
        words = (
            ""  # TLS in TLS: before 3.11.8 Python stumbles over its own failure here, and words it otherwise
        )
    outcome = await drawn(by(proxy, f"sandbox-{fault}-x"))
    assert outcome.classified.verdict is V.PROXY_FAILED, outcome
    assert outcome.classified.detail.startswith(words), outcome
    assert (" (after sending)" in outcome.classified.detail) is was_sent, outcome


async def test_a_proxy_that_stops_taking_the_request_is_left(proxy: RunningProxy, settings: Settings) -> None:
    settings.NPROXY_CONNECT_TIMEOUT = SHORT
    request = DrawRequest("a fox", "1K", "1:1", sources=(Source("image/jpeg", bytes(14_000_000)),))
    outcome = await drawn(by(proxy, "sandbox-stall_sending-x"), request)
    assert outcome.classified.verdict is V.PROXY_FAILED, outcome
    assert outcome.classified.detail.startswith("sending took too long (after sending)")


async def test_silence_after_the_request_is_nobodys_fault_but_a_retry(
    proxy: RunningProxy, settings: Settings
) -> None:
    settings.NPROXY_READ_TIMEOUT = 0.4
    outcome = await drawn(by(proxy, "sandbox-stall_mid_body-x"))
    assert outcome.classified.verdict is V.RETRYABLE, outcome
    hanging = await drawn(by(proxy, "sandbox-ok-x"), secret="AQ.sandbox-hang-of-a-test-key")
    assert hanging.classified.verdict is V.RETRYABLE, hanging


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        ("internal", V.RETRYABLE),
        ("leaked", V.KEY_REJECTED),
        ("location", V.ROUTE_BLOCKED),
        ("sorry", V.ROUTE_BLOCKED),
    ],
)
async def test_an_answer_of_the_provider_is_the_providers(
    proxy: RunningProxy, fault: str, verdict: V
) -> None:
    outcome = await drawn(by(proxy, "sandbox-ok-x"), secret=f"AQ.sandbox-{fault}-of-a-test-key")
    assert outcome.classified.verdict is verdict, outcome


async def test_a_provider_that_nobody_reaches_looks_like_the_proxys_failure(
    proxy: RunningProxy, settings: Settings
) -> None:
    """Seen from here it is the same: the direct try that follows tells them apart."""
    settings.NPROXY_GEMINI_BASE_URL = "https://127.0.0.1:1"
    assert (await drawn(by(proxy, "sandbox-ok-x"))).classified.verdict is V.PROXY_FAILED
    assert (await drawn(None)).classified.verdict is V.RETRYABLE


@pytest.mark.parametrize("kind", ["http", "https", "socks5"])
@pytest.mark.usefixtures("provider")
async def test_nobody_listening_at_the_proxys_address_is_the_proxys_failure(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    outcome = await drawn(proxies.parse(f"{kind}://user:secret@127.0.0.1:{port}"))
    assert outcome.classified.verdict is V.PROXY_FAILED
    assert outcome.classified.detail.startswith("no connection (before sending)")


@pytest.mark.usefixtures("provider")
async def test_a_proxy_whose_own_certificate_nobody_vouches_for_is_not_spoken_to(tmp_path: Path) -> None:
    with running_proxy("https", tls_dir=tmp_path / "unknown") as proxy:
        outcome = await drawn(by(proxy, "sandbox-ok-x"))
        assert proxy.control.calls() == [], "it never learnt who we are"
    assert outcome.classified.verdict is V.PROXY_FAILED
    assert outcome.classified.detail.startswith("TLS failed")


@pytest.mark.parametrize("kind", ["http", "https", "socks5"])
async def test_credentials_arrive_as_they_are(
    provider: Running, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, password = "j@example.com", "p:a/s s?#%41" + ("" if kind == "socks5" else "wörd")
    tls_dir = tmp_path / "proxy" if kind == "https" else None
    with running_proxy(kind, login=(user, password), tls_dir=tls_dir) as proxy:
        trusted = trust(tmp_path / "both.pem", provider.authority, proxy.authority)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        address = proxies.parse(proxy.url(user, password))
        assert (await drawn(address)).image
        wrong = await drawn(proxies.parse(proxy.url(user, "wrong")))
        nobody = await drawn(proxies.parse(proxy.address))
    for refused in (wrong, nobody):
        assert refused.classified.verdict is V.PROXY_FAILED
        assert refused.classified.detail.startswith("the proxy refused")
    assert password not in repr((address, wrong, nobody))


async def test_connections_are_used_again(proxy: RunningProxy) -> None:
    before = proxy.server.connections
    for _ in range(5):
        assert (await drawn(by(proxy, "sandbox-ok-x"))).image
    assert proxy.server.connections - before == 1
    together = [drawn(by(proxy, "sandbox-ok-x")) for _ in range(4)]
    assert all(outcome.image for outcome in await asyncio.gather(*together))
    assert proxy.server.connections - before <= 4


async def test_two_logins_of_one_proxy_share_nothing(proxy: RunningProxy) -> None:
    for user in ("sandbox-ok-a", "sandbox-ok-b"):
        assert (await drawn(by(proxy, user))).image
    assert [call.key_tail for call in proxy.control.calls()] == ["ok-a", "ok-b"]


async def test_a_request_that_is_given_up_leaves_no_tunnel_behind(proxy: RunningProxy) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(drawn(by(proxy, "sandbox-hang-x")), 0.2)
    assert (await drawn(by(proxy, "sandbox-ok-x"))).image


async def test_no_outcome_shows_the_login(proxy: RunningProxy) -> None:
    for fault in ("auth", "bad_gateway", "garbage"):
        address = proxies.parse(proxy.url(f"sandbox-{fault}-x", "pass-of-a-test-proxy"))
        assert "pass-of-a-test-proxy" not in repr(await drawn(address))
