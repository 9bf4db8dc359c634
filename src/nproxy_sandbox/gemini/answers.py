"""Bodies of a 200: candidates, parts, usage."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import msgspec

from nproxy_sandbox.gemini.models import Model
from nproxy_sandbox.gemini.wire import Wish

Part = dict[str, object]
Body = dict[str, object]

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
THOUGHT_TOKENS = 240
REFUSAL_TOKENS = 46
SIGNATURE = sha256(b"thought").digest() * 3


@dataclass(frozen=True)
class Setting:
    """Whom an answer is to: the model, the wish, and the number of the call."""

    model: Model
    wish: Wish
    number: int


def picture_part(data: bytes | msgspec.Raw, media_type: str, **more: object) -> Part:
    """An image part. Bytes become base64 when the body is encoded; Raw is base64 already, in its quotes."""
    return {"inlineData": {"mimeType": media_type, "data": data}, **more}


def usage(setting: Setting, image_tokens: int | None, thought_tokens: int = THOUGHT_TOKENS) -> Body:
    """usageMetadata. With `image_tokens` None nothing was drawn, and the candidates' count is missing."""
    words = max(1, len(setting.wish.prompt) // 4)
    pictures = len(setting.wish.sources) * setting.model.source_tokens
    prompt_details = [{"modality": "TEXT", "tokenCount": words}]
    if pictures:
        prompt_details.append({"modality": "IMAGE", "tokenCount": pictures})
    counts: Body = {
        "promptTokenCount": words + pictures,
        "thoughtsTokenCount": thought_tokens,
        "totalTokenCount": words + pictures + thought_tokens + (image_tokens or 0),
        "promptTokensDetails": prompt_details,
    }
    if image_tokens is not None:
        counts["candidatesTokenCount"] = image_tokens
        counts["candidatesTokensDetails"] = [{"modality": "IMAGE", "tokenCount": image_tokens}]
    return counts


def envelope(setting: Setting, usage_metadata: Body, **members: object) -> Body:
    """The answer's outer members around `members` (candidates, promptFeedback)."""
    return {
        **members,
        "usageMetadata": usage_metadata,
        "modelVersion": setting.model.name,
        "responseId": sha256(f"{setting.number}:{setting.wish.prompt}".encode()).hexdigest()[:22],
    }


def drawn(setting: Setting, parts: list[Part], finish_reason: str | None = "STOP") -> Body:
    """An answer with `parts`. `finish_reason` None leaves the member out."""
    candidate: Body = {"content": {"role": "model", "parts": parts}, "index": 0}
    if finish_reason is not None:
        candidate["finishReason"] = finish_reason
    tokens = setting.model.image_tokens[setting.wish.size_name]
    return envelope(setting, usage(setting, tokens), candidates=[candidate])


def undrawn(setting: Setting, finish_reason: str | None, message: str = "", text: str = "") -> Body:
    """An answer without a picture: the candidate has a reason, at most a text, and no other parts."""
    candidate: Body = {"index": 0}
    if text:
        candidate["content"] = {"role": "model", "parts": [{"text": text}]}
    if finish_reason is not None:
        candidate["finishReason"] = finish_reason
    if message:
        candidate["finishMessage"] = message
    counts = usage(setting, None)
    if text:
        counts["candidatesTokenCount"] = REFUSAL_TOKENS
    return envelope(setting, counts, candidates=[candidate])


def blocked(setting: Setting, block_reason: str) -> Body:
    """An answer without candidates: the prompt itself was blocked."""
    return envelope(setting, usage(setting, None, 0), promptFeedback={"blockReason": block_reason})


def encoded(body: Body | list[object]) -> bytes:
    """The body's JSON; bytes in it become base64 on the way."""
    return msgspec.json.encode(body)
