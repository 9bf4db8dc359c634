"""Answers of 200 that are not simply a picture, each by its name in the key."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from PIL import Image

from nproxy_sandbox.gemini.faults import ODDITIES
from nproxy_sandbox.gemini.oddities import BLOCK_REASONS, FINISH_REASONS
from nproxy_sandbox.testing import Running

Ask = Callable[[str], Awaitable[tuple[aiohttp.ClientResponse, bytes]]]

pytestmark = pytest.mark.usefixtures("flat")

# Fault → finishReason, and the real formats of the image parts in their order.
WITH_PICTURE: dict[str, tuple[str | None, list[str]]] = {
    "mislabelled": ("STOP", ["JPEG"]),
    "png": ("STOP", ["PNG"]),
    "webp": ("STOP", ["WEBP"]),
    "gif": ("STOP", ["GIF"]),
    "wrong_mime": ("STOP", ["JPEG"]),
    "thought_first": ("STOP", ["JPEG", "JPEG"]),
    "thought_only": ("STOP", ["JPEG", "JPEG"]),
    "two_pictures": ("STOP", ["JPEG", "JPEG"]),
    "snake_case": ("STOP", ["JPEG"]),
    "policy_with_picture": ("IMAGE_SAFETY", ["JPEG"]),
    "no_finish_reason_picture": (None, ["JPEG"]),
    "rerouted": ("STOP", ["JPEG"]),
    "no_usage": ("STOP", ["JPEG"]),
}
BAD_PICTURE = {"garbage_base64", "cut_picture", "not_a_picture", "svg", "empty_picture", "null_picture"}
SHELLS: dict[str, Any] = {
    "empty_candidates": [],
    "no_candidates": None,
    "no_content": [{"finishReason": "STOP", "index": 0}],
    "no_parts": [{"content": {"role": "model"}, "finishReason": "STOP"}],
    "null_parts": [{"content": {"parts": None}, "finishReason": "STOP"}],
    "no_finish_reason": [{"index": 0}],
    "wrong_types": "soon",
}
TEXTS = {"text_only", "text_refusal"}


async def body(ask: Ask, fault: str) -> Any:
    response, _ = await ask(fault)
    assert response.status == 200
    return await response.json()


def images(answer: Any) -> list[dict[str, Any]]:
    parts = answer["candidates"][0]["content"]["parts"]
    return [part for part in parts if "inlineData" in part or "inline_data" in part]


def pixels(part: dict[str, Any]) -> Image.Image:
    blob = part.get("inlineData") or part["inline_data"]
    picture = Image.open(BytesIO(base64.b64decode(blob["data"], validate=True)))
    picture.load()
    return picture


def test_the_tables_hold_every_oddity() -> None:
    finish = {*FINISH_REASONS, "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT"}
    blocks = {f"prompt_{reason}" for reason in BLOCK_REASONS}
    named = finish | blocks | set(WITH_PICTURE) | BAD_PICTURE | set(SHELLS) | TEXTS
    assert named | {"file_address"} == set(ODDITIES)


@pytest.mark.parametrize("reason", [*FINISH_REASONS, "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT"])
async def test_a_finish_reason_comes_without_a_picture(ask: Ask, reason: str) -> None:
    answer = await body(ask, reason)
    (candidate,) = answer["candidates"]
    assert candidate["finishReason"] == reason
    assert "content" not in candidate
    assert answer["usageMetadata"]["thoughtsTokenCount"] > 0, "a blocked picture is billed for its thoughts"
    assert "candidatesTokenCount" not in answer["usageMetadata"]


@pytest.mark.parametrize("reason", BLOCK_REASONS)
async def test_a_blocked_prompt_has_no_candidates(ask: Ask, reason: str) -> None:
    answer = await body(ask, f"prompt_{reason}")
    assert answer["promptFeedback"] == {"blockReason": reason}
    assert "candidates" not in answer


@pytest.mark.parametrize("fault", WITH_PICTURE)
async def test_an_odd_answer_still_holds_its_pictures(ask: Ask, fault: str) -> None:
    reason, formats = WITH_PICTURE[fault]
    answer = await body(ask, fault)
    assert answer["candidates"][0].get("finishReason") == reason
    pictures = [pixels(part) for part in images(answer)]
    assert [picture.format for picture in pictures] == formats
    assert all(picture.size == (1024, 1024) for picture in pictures)


@pytest.mark.parametrize(
    ("fault", "media_type"),
    [("mislabelled", "image/png"), ("wrong_mime", "text/plain"), ("png", "image/png"), ("gif", "image/gif")],
)
async def test_a_media_type_may_lie(ask: Ask, fault: str, media_type: str) -> None:
    (part,) = images(await body(ask, fault))
    assert part["inlineData"]["mimeType"] == media_type


async def test_thoughts_are_flagged(ask: Ask) -> None:
    first, last = images(await body(ask, "thought_first"))
    assert first["thought"]
    assert "thought" not in last
    assert "thoughtSignature" in last
    assert all(part["thought"] for part in images(await body(ask, "thought_only")))


async def test_a_rerouted_answer_names_the_other_model(ask: Ask) -> None:
    assert (await body(ask, "rerouted"))["modelVersion"] == "gemini-3.1-flash-image"
    assert "usageMetadata" not in await body(ask, "no_usage")


@pytest.mark.parametrize("fault", sorted(BAD_PICTURE))
async def test_a_bad_picture_cannot_be_decoded(ask: Ask, fault: str) -> None:
    (part,) = images(await body(ask, fault))
    with pytest.raises((ValueError, OSError, TypeError)):
        pixels(part)


@pytest.mark.parametrize("fault", SHELLS)
async def test_an_empty_answer_is_a_good_200(ask: Ask, fault: str) -> None:
    assert (await body(ask, fault)).get("candidates") == SHELLS[fault]


@pytest.mark.parametrize("fault", sorted(TEXTS))
async def test_a_text_may_come_in_place_of_a_picture(ask: Ask, fault: str) -> None:
    answer = await body(ask, fault)
    (part,) = answer["candidates"][0]["content"]["parts"]
    assert part["text"]
    assert answer["usageMetadata"]["candidatesTokenCount"] < 1000


async def test_an_address_in_place_of_a_picture_is_a_trap(
    ask: Ask, session: aiohttp.ClientSession, gemini: Running
) -> None:
    answer = await body(ask, "file_address")
    address = answer["candidates"][0]["content"]["parts"][0]["fileData"]["fileUri"]
    assert gemini.control.trap_visits == 0
    async with session.get(address):
        assert gemini.control.trap_visits == 1
