"""What is asked for is what the provider understands, and what it draws is what we get, byte for byte."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from pytest_django import Settings

from nproxy.kit.http import sessions
from nproxy.providers.adapters import gemini as adapter
from nproxy.providers.adapters import gemini_wire
from nproxy.providers.rules import CAPABILITIES, DrawRequest, Strength, Verdict
from nproxy_sandbox.testing import Running, running_gemini

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NANO = CAPABILITIES["nano_banana"]
KEY = "AQ.sandbox-ok-1"


@dataclass(frozen=True)
class Source:
    media_type: str
    data: bytes


def wish(**changes: object) -> DrawRequest:
    return DrawRequest(**{"prompt": "a banana", "resolution": "1K", "aspect_ratio": "1:1"} | changes)


def picture(size: tuple[int, int] = (64, 48), file_format: str = "JPEG") -> Source:
    stream = BytesIO()
    Image.new("RGB", size, "teal").save(stream, file_format)
    return Source(f"image/{file_format.lower()}", stream.getvalue())


def sent(request: DrawRequest) -> dict[str, object]:
    body = json.loads(gemini_wire.encode(request))
    assert isinstance(body, dict)
    return body


def test_a_text_request_has_the_words_and_the_size() -> None:
    assert sent(wish(resolution="2K", aspect_ratio="16:9")) == {
        "contents": [{"role": "user", "parts": [{"text": "a banana"}]}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"imageSize": "2K", "aspectRatio": "16:9"},
        },
    }


def test_auto_leaves_the_ratio_to_the_provider() -> None:
    assert sent(wish(aspect_ratio="auto"))["generationConfig"] == {
        "responseModalities": ["IMAGE"],
        "imageConfig": {"imageSize": "1K"},
    }


def test_pictures_come_before_the_words_in_their_order() -> None:
    sources = (picture(), picture(file_format="PNG"))
    body = json.loads(gemini_wire.encode(wish(sources=sources)))
    *pictures, words = body["contents"][0]["parts"]
    assert [base64.b64decode(part["inlineData"]["data"]) for part in pictures] == [s.data for s in sources]
    assert [part["inlineData"]["mimeType"] for part in pictures] == ["image/jpeg", "image/png"]
    assert words == {"text": "a banana"}


@pytest.mark.parametrize("step", NANO.strengths)
def test_strength_becomes_words_when_there_is_a_picture(step: Strength) -> None:
    number, clause = step.number, step.clause
    with_picture = json.loads(gemini_wire.encode(wish(strength=number, sources=(picture(),))))
    assert with_picture["contents"][0]["parts"][-1]["text"] == f"{clause}\n\na banana"
    without = json.loads(gemini_wire.encode(wish(strength=number)))
    assert without["contents"][0]["parts"][-1]["text"] == "a banana"


def test_a_garbled_interim_picture_does_not_spoil_the_final_one() -> None:
    whole = picture()
    parts = [
        {"thought": True, "inlineData": {"mimeType": "image/jpeg", "data": "%%%"}},
        {"inline_data": {"mime_type": "image/png", "data": base64.b64encode(whole.data).decode()}},
    ]
    body = {"candidates": [{"finishReason": "STOP", "content": {"parts": parts}}]}
    assert gemini_wire.decode(json.dumps(body).encode()).image == whole.data


def test_what_the_model_writes_is_measured_and_not_kept() -> None:
    """It repeats what somebody asked for, and details are for everyone who looks after the pool."""
    parts = [{"text": "I cannot draw your uncle's banana."}]
    body = {"candidates": [{"finishReason": "STOP", "content": {"parts": parts}}]}
    assert gemini_wire.decode(json.dumps(body).encode()).facts.note == "it wrote 34 characters"


async def test_the_picture_arrives_byte_for_byte_with_its_facts(gemini: Running) -> None:
    outcome = await adapter.draw(wish(), secret=KEY, started_at=NOW)
    _, kept = gemini.control.pictures().popitem()[1]
    assert outcome.image == kept
    assert outcome.classified.verdict is Verdict.SUCCESS
    assert (outcome.http_status, outcome.model_version) == (200, "gemini-nano-banana-2.1")
    assert outcome.bytes_in > len(kept)
    assert outcome.cost_microusd
    assert outcome.seconds > 0


@pytest.mark.parametrize(("resolution", "ratio"), [("1K", "auto"), ("2K", "16:9")])
async def test_the_size_asked_for_is_the_size_drawn(gemini: Running, resolution: str, ratio: str) -> None:
    request = wish(resolution=resolution, aspect_ratio=ratio)
    outcome = await adapter.draw(request, secret=KEY, started_at=NOW)
    assert outcome.image is not None, outcome
    expected = NANO.size(resolution, ratio) or NANO.size(resolution, "1:1")
    assert Image.open(BytesIO(outcome.image)).size == expected


async def test_several_megabytes_of_sources_arrive_whole(gemini: Running) -> None:
    stream = BytesIO()
    Image.effect_noise((1500, 1500), 90).convert("RGB").save(stream, "PNG")
    sources = (Source("image/png", stream.getvalue()), picture())
    assert len(stream.getvalue()) > 2_000_000
    outcome = await adapter.draw(wish(sources=sources, strength=0.5), secret=KEY, started_at=NOW)
    assert outcome.image is not None, outcome
    assert gemini.control.calls()[-1].sources == 2


async def test_many_large_answers_at_once_share_the_budget(
    gemini: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "READ_BUDGET", 100_000)  # room for one answer of this stand-in
    draws = [adapter.draw(wish(), secret=KEY, started_at=NOW) for _ in range(12)]
    assert all(outcome.image for outcome in await asyncio.gather(*draws))


async def test_a_certificate_that_nobody_vouches_for_is_refused(settings: Settings, tmp_path: Path) -> None:
    with running_gemini(flat_bytes=60_000, tls_dir=tmp_path) as running:
        settings.NPROXY_GEMINI_BASE_URL = running.base_url
        refused = await adapter.draw(wish(), secret=KEY, started_at=NOW)
    assert refused.classified.verdict is Verdict.RETRYABLE
    assert refused.classified.detail.startswith("TLS failed")


async def test_a_probe_lists_models_and_says_what_is_wrong(gemini: Running, settings: Settings) -> None:
    fine = await adapter.probe(secret=KEY, started_at=NOW)
    assert fine.verdict is Verdict.SUCCESS
    leaked = await adapter.probe(secret="AQ.sandbox-leaked-1", started_at=NOW)
    assert leaked.verdict is Verdict.KEY_REJECTED
    settings.NPROXY_GEMINI_MODEL = "gemini-of-tomorrow"
    assert (await adapter.probe(secret=KEY, started_at=NOW)).verdict is Verdict.MISCONFIGURED


async def test_nothing_is_asked_through_a_proxy_of_the_environment(
    gemini: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert (await adapter.draw(wish(), secret=KEY, started_at=NOW)).image is not None
