"""What is asked for is what OpenRouter understands, what it draws is what we get, and what it costs is noted."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from pytest_django import Settings

from nproxy.kit.http import proxies
from nproxy.providers.adapters import openrouter as adapter
from nproxy.providers.adapters import openrouter_wire
from nproxy.providers.rules import CAPABILITIES, DrawRequest, Verdict
from nproxy_sandbox.testing import Running, running_openrouter, running_proxy, trust

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NANO = CAPABILITIES["nano_banana"]
KEY = "sk-or-v1-sandbox-ok-1"
MODEL = "google/gemini-nano-banana-2.1"


@dataclass(frozen=True)
class Source:
    media_type: str
    data: bytes


def wish(**changes: object) -> DrawRequest:
    return DrawRequest(**{"prompt": "a banana", "resolution": "1K", "aspect_ratio": "1:1"} | changes)


def picture(file_format: str = "JPEG") -> Source:
    stream = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(stream, file_format)
    return Source(f"image/{file_format.lower()}", stream.getvalue())


def test_a_request_has_the_words_the_size_and_a_mark_of_the_person() -> None:
    request = wish(resolution="2K", aspect_ratio="16:9", user="3f2a")
    assert json.loads(openrouter_wire.encode(request, MODEL)) == {
        "model": MODEL,
        "prompt": "a banana",
        "n": 1,
        "resolution": "2K",
        "aspect_ratio": "16:9",
        "user": "3f2a",
    }


def test_auto_leaves_the_ratio_to_the_provider_and_pictures_keep_their_order() -> None:
    sources = (picture(), picture("PNG"))
    step = NANO.strengths[0]
    request = wish(aspect_ratio="auto", sources=sources, strength=step.number)
    body = json.loads(openrouter_wire.encode(request, MODEL))
    assert "aspect_ratio" not in body
    assert "user" not in body
    assert body["prompt"] == f"{step.clause}\n\na banana"
    urls = [reference["image_url"]["url"] for reference in body["input_references"]]
    assert urls == [
        f"data:{source.media_type};base64,{base64.b64encode(source.data).decode()}" for source in sources
    ]


async def test_the_picture_arrives_byte_for_byte_with_its_price(openrouter: Running) -> None:
    outcome = await adapter.draw(wish(user="3f2a"), secret=KEY, started_at=NOW)
    _, kept = openrouter.control.pictures().popitem()[1]
    assert outcome.image == kept
    assert outcome.classified.verdict is Verdict.SUCCESS
    assert (outcome.http_status, outcome.cost_microusd) == (200, 33_603)
    assert outcome.usage is not None
    assert outcome.usage.image == 1120
    (call,) = openrouter.control.calls()
    assert (call.user, call.model, call.key_tail) == ("3f2a", MODEL, "ok-1")


@pytest.mark.parametrize(("resolution", "ratio"), [("1K", "auto"), ("2K", "16:9"), ("4K", "1:8")])
async def test_the_size_asked_for_is_the_size_drawn(openrouter: Running, resolution: str, ratio: str) -> None:
    outcome = await adapter.draw(wish(resolution=resolution, aspect_ratio=ratio), secret=KEY, started_at=NOW)
    assert outcome.image is not None, outcome
    expected = NANO.size(resolution, ratio) or NANO.size(resolution, "1:1")
    assert Image.open(BytesIO(outcome.image)).size == expected


async def test_sources_arrive(openrouter: Running) -> None:
    request = wish(sources=(picture(), picture("PNG")), strength=0.5)
    assert (await adapter.draw(request, secret=KEY, started_at=NOW)).image is not None
    assert openrouter.control.calls()[-1].sources == 2


async def test_an_odd_bill_loses_no_picture() -> None:
    whole = picture()
    item = {"b64_json": base64.b64encode(whole.data).decode()}
    for usage in ("soon", {"cost": "much"}, {"cost": -1}, {"cost": 1e300}, {"completion_tokens": -5}, []):
        drawing = openrouter_wire.decode(json.dumps({"data": [item], "usage": usage}).encode())
        assert drawing.image == whole.data
        assert drawing.cost_microusd is None


async def test_it_goes_by_a_proxy_and_over_tls(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with running_openrouter(flat_bytes=60_000, tls_dir=tmp_path) as running, running_proxy("http") as proxy:
        monkeypatch.setenv("SSL_CERT_FILE", str(trust(tmp_path / "trust.pem", running.authority)))
        settings.NPROXY_OPENROUTER_BASE_URL = running.base_url
        address = proxies.parse(proxy.url("sandbox-ok-x"))
        assert (await adapter.draw(wish(), secret=KEY, started_at=NOW, proxy=address)).image
        assert (await adapter.probe(secret=KEY, started_at=NOW, proxy=address)).verdict is Verdict.SUCCESS
        told = await adapter.balance(secret=KEY, started_at=NOW, proxy=address)
        assert told.balance is not None
        assert len(proxy.control.calls()) == 1, "one tunnel for all of it"
        bad = proxies.parse(proxy.url("sandbox-bad_gateway-x"))
        refused = await adapter.draw(wish(), secret=KEY, started_at=NOW, proxy=bad)
    assert refused.classified.verdict is Verdict.PROXY_FAILED
    assert refused.cost_microusd is None


async def test_a_probe_proves_the_key_and_says_what_is_wrong(openrouter: Running, settings: Settings) -> None:
    fine = await adapter.probe(secret="sk-or-v1-sandbox-ok-fresh", started_at=NOW)
    assert fine.verdict is Verdict.SUCCESS
    assert fine.detail == "sees 5 models; 10.00 USD left"
    for fault, verdict in (("unauthorized", Verdict.KEY_REJECTED), ("server", Verdict.RETRYABLE)):
        found = await adapter.probe(secret=f"sk-or-v1-sandbox-{fault}-1", started_at=NOW)
        assert found.verdict is verdict
    settings.NPROXY_OPENROUTER_MODEL = "google/gemini-of-tomorrow"
    assert (await adapter.probe(secret=KEY, started_at=NOW)).verdict is Verdict.MISCONFIGURED
