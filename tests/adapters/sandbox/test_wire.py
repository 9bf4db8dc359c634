"""What the stand-in accepts and refuses: as strict as Google, in both spellings."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from PIL import Image

from nproxy_sandbox.gemini.models import ALL_SIZES, MODELS

MODEL = "gemini-nano-banana-2.1"
KEY = {"x-goog-api-key": "any key will do"}
HELLO = {"text": "a fox"}


def picture(width: int = 64, height: int = 64, file_format: str = "PNG") -> str:
    buffer = BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, file_format)
    return base64.b64encode(buffer.getvalue()).decode()


def inline(data: str, media_type: str = "image/png") -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type, "data": data}}


async def ask(
    session: aiohttp.ClientSession,
    parts: list[dict[str, Any]] | None = None,
    config: dict[str, Any] | None = None,
    model: str = MODEL,
    **more: Any,
) -> tuple[int, Any]:
    body = {
        "contents": [{"role": "user", "parts": parts or [HELLO]}],
        "generationConfig": config or {},
        **more,
    }
    async with session.post(f"/v1beta/models/{model}:generateContent", json=body, headers=KEY) as response:
        return response.status, await response.json()


def size(answer: Any) -> tuple[int, int]:
    (part,) = answer["candidates"][0]["content"]["parts"]
    return Image.open(BytesIO(base64.b64decode(part["inlineData"]["data"]))).size


async def message(answer: tuple[int, Any]) -> str:
    status, body = answer
    assert (status, body["error"]["status"]) == (400, "INVALID_ARGUMENT")
    return str(body["error"]["message"])


SMALL = [("1K", ratio) for ratio in ALL_SIZES["1K"]]
SOME_LARGE = [("2K", "9:16"), ("2K", "21:9"), ("4K", "16:9")]


@pytest.mark.parametrize(("size_name", "ratio"), [*SMALL, *SOME_LARGE])
async def test_a_picture_has_the_size_of_its_ratio(
    session: aiohttp.ClientSession, size_name: str, ratio: str
) -> None:
    config = {"imageConfig": {"aspectRatio": ratio, "imageSize": size_name}}
    status, answer = await ask(session, config=config)
    assert status == 200
    assert size(answer) == ALL_SIZES[size_name][ratio]


def test_the_table_has_fourteen_ratios_and_doubles_from_1k_to_4k() -> None:
    for sizes in ALL_SIZES.values():
        assert len(sizes) == 14
    for ratio, (wide, high) in ALL_SIZES["1K"].items():
        assert ALL_SIZES["2K"][ratio] == (wide * 2, high * 2)
        assert ALL_SIZES["4K"][ratio] == (wide * 4, high * 4)
    assert ALL_SIZES["4K"]["8:1"] == (12288, 1536)
    assert ALL_SIZES["2K"]["16:9"] == (2752, 1536)
    assert ALL_SIZES["512"]["3:2"] == (632, 424)


async def test_both_spellings_are_one_field(session: aiohttp.ClientSession) -> None:
    body = {
        "contents": {"parts": {"text": "a fox"}},
        "generation_config": {
            "response_modalities": ["IMAGE"],
            "image_config": {"aspect_ratio": "3:2", "image_size": "1K"},
        },
    }
    path = f"/v1beta/models/{MODEL}:generateContent"
    async with session.post(path, json=body, headers=KEY) as response:
        assert size(await response.json()) == (1264, 848)


async def test_the_newer_spelling_of_the_size_block_is_accepted_but_not_both(
    session: aiohttp.ClientSession,
) -> None:
    block = {"aspectRatio": "1:1", "imageSize": "2K"}
    status, answer = await ask(session, config={"responseFormat": {"image": block}})
    assert (status, size(answer)) == (200, (2048, 2048))
    both = {"responseFormat": {"image": block}, "imageConfig": block}
    assert "Only one of" in await message(await ask(session, config=both))


async def test_without_a_ratio_the_last_source_decides(session: aiohttp.ClientSession) -> None:
    parts = [inline(picture(300, 300)), inline(picture(1920, 1000)), HELLO]
    _, answer = await ask(session, parts)
    assert size(answer) == (1376, 768)
    _, answer = await ask(session, parts, {"imageConfig": {"aspectRatio": "1:1"}})
    assert size(answer) == (1024, 1024)


async def test_a_source_turned_by_its_exif_counts_as_it_is_seen(session: aiohttp.ClientSession) -> None:
    buffer = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (1600, 900), "teal").save(buffer, "JPEG", exif=exif)
    data = base64.b64encode(buffer.getvalue()).decode()
    _, answer = await ask(session, [inline(data, "image/jpeg"), HELLO])
    assert size(answer) == (768, 1376)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (
            {"imageConfig": {"imageSise": "1K"}},
            "Unknown name \"imageSise\" at 'generation_config.image_config'",
        ),
        ({"imageConfig": {"personGeneration": "ALLOW_ALL"}}, 'Unknown name "personGeneration"'),
        ({"imageconfig": {}}, "Unknown name \"imageconfig\" at 'generation_config'"),
        ({"imageConfig": {"imageSize": "1k"}}, "Image size 1k"),
        ({"imageConfig": {"imageSize": "512"}}, "Image size 512"),
        ({"imageConfig": {"aspectRatio": "5:3"}}, "Aspect ratio 5:3"),
        ({"imageConfig": "wide"}, "Invalid value at 'generation_config.image_config'"),
        ({"candidateCount": 2}, "Multiple candidates is not enabled"),
        ({"responseModalities": ["PICTURE"]}, "Invalid value at 'generation_config.response_modalities[0]'"),
        ({"responseModalities": ["TEXT"]}, "response modalities"),
        ({"mediaResolution": "MEDIA_RESOLUTION_LOW"}, "Media resolution"),
        ({"thinkingConfig": {"thinkingLevel": "enormous"}}, "Thinking level"),
    ],
)
async def test_a_wrong_setting_is_refused(
    session: aiohttp.ClientSession, config: dict[str, Any], words: str
) -> None:
    assert words in await message(await ask(session, config=config))


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (inline(picture(), "image/jpg"), "Unsupported MIME type: image/jpg"),
        (inline(picture(file_format="GIF"), "image/gif"), "Unsupported MIME type: image/gif"),
        (inline("data:image/png;base64,AAAA"), "Base64 decoding failed"),
        (inline(base64.b64encode(b"no picture").decode()), "Unable to process input image"),
        (inline(picture(300, 300)[:200]), "Unable to process input image"),
        ({"inlineDatum": {}}, "Unknown name \"inlineDatum\" at 'contents[0].parts[0]'"),
    ],
)
async def test_a_wrong_part_is_refused(
    session: aiohttp.ClientSession, part: dict[str, Any], words: str
) -> None:
    assert words in await message(await ask(session, [part, HELLO]))


async def test_another_projects_file_is_refused(session: aiohttp.ClientSession) -> None:
    part = {"fileData": {"mimeType": "image/png", "fileUri": "https://files.example/1"}}
    status, answer = await ask(session, [part, HELLO])
    assert (status, answer["error"]["status"]) == (403, "PERMISSION_DENIED")


async def test_there_is_a_limit_to_sources(session: aiohttp.ClientSession) -> None:
    source = inline(picture())
    assert (await ask(session, [*[source] * 14, HELLO]))[0] == 200
    assert "at most 14" in await message(await ask(session, [*[source] * 15, HELLO]))


@pytest.mark.parametrize("megabytes", [21, 33])
async def test_a_payload_over_twenty_megabytes_is_refused(
    session: aiohttp.ClientSession, megabytes: int
) -> None:
    parts = [inline("A" * megabytes * 1024 * 1024), HELLO]
    raw = BytesIO(json.dumps({"contents": [{"parts": parts}]}).encode())
    headers = {**KEY, "Content-Type": "application/json"}
    async with session.post(f"/v1beta/models/{MODEL}:generateContent", data=raw, headers=headers) as response:
        words = await message((response.status, await response.json()))
    assert words == "Request payload size exceeds the limit: 20971520 bytes."


@pytest.mark.parametrize(
    ("raw", "words"), [(b"{", "Unable to parse"), (b"[]", "Expected an object"), (b"{}", "contents")]
)
async def test_what_is_no_request_is_refused(session: aiohttp.ClientSession, raw: bytes, words: str) -> None:
    headers = {**KEY, "Content-Type": "application/json"}
    async with session.post(f"/v1beta/models/{MODEL}:generateContent", data=raw, headers=headers) as response:
        assert words in await message((response.status, await response.json()))


async def test_a_turn_of_the_model_must_bring_its_signature(session: aiohttp.ClientSession) -> None:
    told = {"role": "user", "parts": [HELLO]}
    drawn = inline(picture())
    replayed = {"role": "model", "parts": [{"text": "here"}, drawn]}
    answer = await ask(session, contents=[told, replayed, told])
    assert "missing a thought_signature in content position 2, part position 2" in await message(answer)
    drawn["thoughtSignature"] = "c2lnbg=="
    assert (await ask(session, contents=[told, replayed, told]))[0] == 200


@pytest.mark.parametrize(
    ("headers", "query", "status", "words"),
    [
        ({}, "", 403, "unregistered callers"),
        ({**KEY}, "?key=AQ.sandbox-ok-1", 400, "Multiple authentication credentials received"),
        ({**KEY, "Authorization": "Bearer x"}, "", 400, "Multiple authentication credentials received"),
        ({"Authorization": "Bearer AQ.sandbox-ok-1"}, "", 401, "invalid authentication credentials"),
        ({"x-goog-api-key": "AQ.sandbox-no_such_fault-1"}, "", 400, "API key not valid"),
        ({}, "?key=AQ.sandbox-ok-1", 200, ""),
    ],
)
async def test_a_key_comes_once_and_in_its_header(
    session: aiohttp.ClientSession, headers: dict[str, str], query: str, status: int, words: str
) -> None:
    path = f"/v1beta/models/{MODEL}:generateContent{query}"
    async with session.post(path, json={"contents": [{"parts": [HELLO]}]}, headers=headers) as response:
        assert response.status == status
        assert words in await response.text()


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("gemini-9-image", "models/gemini-9-image is not found for API version v1beta"),
        ("gemini-3-pro-image-preview", "is no longer available"),
    ],
)
async def test_a_model_that_is_not_there_is_a_404(
    session: aiohttp.ClientSession, model: str, words: str
) -> None:
    status, answer = await ask(session, model=model)
    assert (status, answer["error"]["status"]) == (404, "NOT_FOUND")
    assert words in answer["error"]["message"]
    async with session.get(f"/v1beta/models/{model}", headers=KEY) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("model", "config"),
    [
        ("gemini-3-pro-image", {"imageConfig": {"aspectRatio": "8:1"}}),
        ("gemini-3-pro-image", {"thinkingConfig": {"thinkingLevel": "high"}}),
        ("gemini-3.1-flash-lite-image", {"imageConfig": {"imageSize": "2K"}}),
        ("gemini-2.5-flash-image", {"imageConfig": {"imageSize": "1K"}}),
    ],
)
async def test_each_model_has_its_own_limits(
    session: aiohttp.ClientSession, model: str, config: dict[str, Any]
) -> None:
    assert (await ask(session, model=model))[0] == 200
    assert (await ask(session, config=config, model=model))[0] == 400


async def test_the_oldest_model_draws_png(session: aiohttp.ClientSession) -> None:
    _, answer = await ask(session, model="gemini-2.5-flash-image")
    (part,) = answer["candidates"][0]["content"]["parts"]
    assert part["inlineData"]["mimeType"] == "image/png"
    assert base64.b64decode(part["inlineData"]["data"]).startswith(b"\x89PNG")
    rules = {"parts": [HELLO]}
    refused = await ask(session, model="gemini-2.5-flash-image", systemInstruction=rules)
    assert "Developer instruction is not enabled" in await message(refused)


@pytest.mark.parametrize("query", ["pageSize=-1", "pageSize=many", "pageToken=-2"])
async def test_a_page_that_is_none_is_refused(session: aiohttp.ClientSession, query: str) -> None:
    async with session.get(f"/v1beta/models?{query}", headers=KEY) as response:
        assert (response.status, (await response.json())["error"]["status"]) == (400, "INVALID_ARGUMENT")


async def test_usage_counts_prompt_sources_and_picture(session: aiohttp.ClientSession) -> None:
    _, answer = await ask(session, [inline(picture()), HELLO], {"imageConfig": {"imageSize": "2K"}})
    usage = answer["usageMetadata"]
    assert usage["candidatesTokensDetails"] == [{"modality": "IMAGE", "tokenCount": 1680}]
    assert {"modality": "IMAGE", "tokenCount": 1120} in usage["promptTokensDetails"]
    parts = ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
    assert usage["totalTokenCount"] == sum(usage[part] for part in parts)


async def test_a_callers_own_deadline_is_kept(session: aiohttp.ClientSession) -> None:
    headers = {"x-goog-api-key": "AQ.sandbox-ok-60s", "X-Server-Timeout": "0"}
    body = {"contents": [{"parts": [HELLO]}]}
    async with session.post(
        f"/v1beta/models/{MODEL}:generateContent", json=body, headers=headers
    ) as response:
        assert response.status == 504


def test_every_model_knows_what_its_sizes_cost() -> None:
    for model in MODELS.values():
        assert set(model.image_tokens) == set(model.sizes)
