"""Gemini's `generateContent` bodies, typed."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct, field

from nproxy.providers.adapters.calls import words
from nproxy.providers.adapters.pictures import Strings, picture_in, set_aside
from nproxy.providers.rules import AUTO, DrawRequest
from nproxy.providers.rules.gemini import AnswerFacts, choose_image
from nproxy.providers.rules.prices import Usage


class Blob(Struct, rename="camel"):
    mime_type: str
    data: bytes


class PartOut(Struct, rename="camel", omit_defaults=True):
    text: str | None = None
    inline_data: Blob | None = None


def encode(request: DrawRequest) -> bytes:
    """The request's body: pictures first (their order is "image 1, image 2"), then the words.

    No ratio is sent for `auto`: the output follows the last source. Thinking is left at the vendor's
    default, because not every model can set it.
    """
    parts = [PartOut(inline_data=Blob(source.media_type, source.data)) for source in request.sources]
    parts.append(PartOut(text=words(request)))
    size = {"imageSize": request.resolution}
    if request.aspect_ratio != AUTO:
        size["aspectRatio"] = request.aspect_ratio
    return msgspec.json.encode(
        {
            "contents": [{"role": "user", "parts": parts}],
            "generationConfig": {"responseModalities": ["IMAGE"], "imageConfig": size},
        }
    )


Count = Annotated[int, Meta(ge=0)] | None


class Inline(Struct):
    """The picture stays as written until it is chosen: a garbled one must not spoil the others."""

    data: Raw


class PartIn(Struct):
    """Both spellings of proto JSON; a file's address is known but never fetched."""

    text: str | None = None
    thought: bool | None = None
    camel: Inline | None = field(default=None, name="inlineData")
    snake: Inline | None = field(default=None, name="inline_data")
    file: dict[str, Raw] | None = field(default=None, name="fileData")

    @property
    def inline(self) -> Inline | None:
        return self.camel or self.snake


class Content(Struct):
    parts: list[PartIn] | None = None


class Candidate(Struct, rename="camel"):
    content: Content | None = None
    finish_reason: str | None = None
    finish_message: str | None = None


class PromptFeedback(Struct, rename="camel"):
    block_reason: str | None = None
    block_reason_message: str | None = None


class ModalityCount(Struct, rename="camel"):
    modality: str = ""
    token_count: Count = None


class UsageMetadata(Struct, rename="camel"):
    prompt_token_count: Count = None
    candidates_token_count: Count = None
    thoughts_token_count: Count = None
    candidates_tokens_details: list[ModalityCount] | None = None


class Body(Struct, rename="camel"):
    candidates: list[Candidate] | None = None
    prompt_feedback: PromptFeedback | None = None
    usage_metadata: UsageMetadata | None = None
    model_version: str | None = None


class Listed(Struct):
    name: str


class Models(Struct):
    models: list[Listed] = []


_body = msgspec.json.Decoder(Body)
_models = msgspec.json.Decoder(Models)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A 200, read. `image` is the chosen picture's bytes, None when there is none that is a picture."""

    facts: AnswerFacts
    image: bytes | None = dataclasses.field(repr=False)
    model_version: str
    usage: Usage | None


def decode(body: bytes | bytearray) -> Drawing:
    """Read a 200. Raises `msgspec.DecodeError` when it is no JSON, `msgspec.ValidationError` (a kind of it)
    when it is of another shape."""
    text, strings = set_aside(body, b"data")
    answer = _body.decode(text)
    candidate = (answer.candidates or [Candidate()])[0]
    parts = (candidate.content and candidate.content.parts) or []
    feedback = answer.prompt_feedback or PromptFeedback()
    image, remark = _image(parts, candidate.finish_reason or "", strings)
    words = [feedback.block_reason_message, candidate.finish_message, remark, _wrote(parts)]
    return Drawing(
        AnswerFacts(
            has_image=image is not None,
            finish_reason=candidate.finish_reason or "",
            block_reason=feedback.block_reason or "",
            note=next(filter(None, words), ""),
        ),
        image,
        answer.model_version or "",
        _usage(answer.usage_metadata),
    )


def model_names(body: bytes | bytearray) -> list[str]:
    """The ids in a models listing. Raises `msgspec.DecodeError`."""
    return [model.name.removeprefix("models/") for model in _models.decode(body).models]


def _image(parts: list[PartIn], finish_reason: str, strings: Strings) -> tuple[bytes | None, str]:
    pictures = [(part.inline, bool(part.thought)) for part in parts if part.inline]
    chosen = choose_image([is_thought for _, is_thought in pictures], finish_reason)
    if chosen is None:
        pointed = any(part.file for part in parts)
        return None, "points to a file instead of holding the picture" if pointed else ""
    return picture_in(pictures[chosen][0].data, strings)


def _wrote(parts: list[PartIn]) -> str:
    """How much the model wrote, never what: it repeats what it was asked for, which is for its owner alone."""
    letters = sum(len(part.text or "") for part in parts if not part.thought)
    return f"it wrote {letters} characters" if letters else ""


def _usage(usage: UsageMetadata | None) -> Usage | None:
    if usage is None:
        return None
    drawn = usage.candidates_token_count or 0
    details = usage.candidates_tokens_details
    # Without the split all of the candidate's tokens are the image's.
    image = drawn if details is None else sum(d.token_count or 0 for d in details if d.modality == "IMAGE")
    text = max(drawn - image, 0) + (usage.thoughts_token_count or 0)
    return Usage(prompt=usage.prompt_token_count or 0, text=text, image=image)
