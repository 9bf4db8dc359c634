"""From the bytes of a generateContent request to a wish, as strictly as Google reads it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass

from nproxy_sandbox.drawing.remake import BadSource, size_of
from nproxy_sandbox.gemini.errors import BAD_PICTURE, TOO_LARGE, Refusal, Refused, invalid_value
from nproxy_sandbox.gemini.models import Model, Size
from nproxy_sandbox.gemini.schema import normalised

REQUEST_LIMIT = 20 * 1024 * 1024
SOURCE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"})
# Proto JSON takes both alphabets of base64, with and without padding; the official client sends the second.
URL_SAFE = str.maketrans("-_", "+/")
MODALITIES = frozenset({"TEXT", "IMAGE", "MODALITY_UNSPECIFIED"})

Message = dict[str, object]


@dataclass(frozen=True)
class Wish:
    """A valid request: what to draw, how large, from what."""

    prompt: str
    ratio: str
    size_name: str
    size: Size
    sources: tuple[bytes, ...]
    with_text: bool
    with_thoughts: bool
    seed: int | None


def decoded(raw: bytes) -> object:
    """The request's JSON. Raises Refused for one that is too large or is no JSON."""
    if len(raw) > REQUEST_LIMIT:
        raise Refused(TOO_LARGE)
    try:
        return json.loads(raw)
    except ValueError:
        raise Refused(
            Refusal(400, "Invalid JSON payload received. Unable to parse the request body.")
        ) from None


def words_of(body: object) -> str:
    """All the text of a request that may be malformed: what faults by prompt are looked up in."""
    contents = body.get("contents") if isinstance(body, dict) else None
    return "\n".join(str(part["text"]) for part in _parts(contents) if "text" in part)


def _parts(contents: object) -> Iterator[Message]:
    for content in contents if isinstance(contents, list) else [contents]:
        parts = content.get("parts") if isinstance(content, dict) else None
        for part in parts if isinstance(parts, list) else [parts]:
            if isinstance(part, dict):
                yield part


def read_wish(body: object, model: Model) -> Wish:
    """What the request asks `model` for. Raises Refused in Google's words for all that it would refuse."""
    request = normalised(body)
    contents = _listed(request.get("contents"))
    if not contents:
        raise Refused(Refusal(400, "* GenerateContentRequest.contents: contents is not specified\n"))
    if model.name == "gemini-2.5-flash-image" and "system_instruction" in request:
        raise Refused(Refusal(400, f"Developer instruction is not enabled for models/{model.name}"))
    config = _message(request.get("generation_config"))
    with_text = _with_text(config)
    _check_thinking(config, model)
    _check_signatures(contents)
    sources = _sources(contents, model)
    prompt = "\n".join(str(part["text"]) for part in _parts(contents) if "text" in part)
    if not prompt.strip() and not sources:
        raise Refused(
            Refusal(400, "* GenerateContentRequest.contents[0].parts: contents.parts must not be empty.\n")
        )
    ratio, size_name = _measures(config, model, sources)
    thinking = _message(config.get("thinking_config"))
    seed = config.get("seed")
    return Wish(
        prompt=prompt,
        ratio=ratio,
        size_name=size_name,
        size=model.sizes[size_name][ratio],
        sources=sources,
        with_text=with_text,
        with_thoughts=thinking.get("include_thoughts") is True,
        seed=seed if isinstance(seed, int) else None,
    )


def _message(value: object) -> Message:
    return value if isinstance(value, dict) else {}


def _listed(value: object) -> list[Message]:
    """Proto JSON lets a repeated field's single item stand alone."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def _with_text(config: Message) -> bool:
    if config.get("candidate_count", 1) != 1:
        raise Refused(Refusal(400, "Multiple candidates is not enabled for this model"))
    if "media_resolution" in config:
        raise Refused(Refusal(400, "Media resolution is not enabled for this model"))
    asked = config.get("response_modalities", ["TEXT", "IMAGE"])
    modalities = [str(item).upper() for item in asked] if isinstance(asked, list) else []
    for index, modality in enumerate(modalities):
        if modality not in MODALITIES:
            kind = "type.googleapis.com/google.ai.generativelanguage.v1beta.GenerationConfig.Modality"
            raise Refused(invalid_value(f"generation_config.response_modalities[{index}]", kind, modality))
    if "IMAGE" not in modalities:
        raise Refused(
            Refusal(400, "The requested combination of response modalities is not supported by the model.")
        )
    return "TEXT" in modalities


def _check_thinking(config: Message, model: Model) -> None:
    level = _message(config.get("thinking_config")).get("thinking_level")
    if level is not None and str(level).lower() not in model.thinking_levels:
        raise Refused(Refusal(400, f"Thinking level {level} is not supported for this model."))


def _check_signatures(contents: list[Message]) -> None:
    """Turns of the model that are sent back must carry the signatures it gave them."""
    for place, content in enumerate(contents):
        if content.get("role") != "model":
            continue
        for index, part in enumerate(_parts(content)):
            if "inline_data" in part and "thought_signature" not in part:
                message = (
                    f"Image part is missing a thought_signature in content position {place + 1}, "
                    f"part position {index + 1}."
                )
                raise Refused(Refusal(400, message))


def _sources(contents: list[Message], model: Model) -> tuple[bytes, ...]:
    sources = []
    for place, content in enumerate(contents):
        for index, part in enumerate(_parts(content)):
            if "file_data" in part:
                raise Refused(
                    Refusal(403, "You do not have permission to access the File or it may not exist.")
                )
            if "inline_data" in part:
                blob = _message(part["inline_data"])
                sources.append(_source(blob, f"contents[{place}].parts[{index}].inline_data"))
    if len(sources) > model.sources:
        raise Refused(Refusal(400, f"The model supports at most {model.sources} input images."))
    return tuple(sources)


def _source(blob: Message, place: str) -> bytes:
    media_type = blob.get("mime_type", "")
    if media_type not in SOURCE_TYPES:
        raise Refused(Refusal(400, f"Unsupported MIME type: {media_type}"))
    text = str(blob.get("data", ""))
    try:
        data = base64.b64decode(text.translate(URL_SAFE) + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise Refused(
            invalid_value(f"{place}.data", "TYPE_BYTES", f"Base64 decoding failed for {text[:40]}")
        ) from None
    try:
        size_of(data)
    except BadSource:
        raise Refused(BAD_PICTURE) from None
    return data


def _measures(config: Message, model: Model, sources: tuple[bytes, ...]) -> tuple[str, str]:
    """The ratio and the size's name: as asked, else after the last source, else square, 1K."""
    old, new = config.get("image_config"), _message(config.get("response_format")).get("image")
    if old is not None and new is not None:
        raise Refused(Refusal(400, "Only one of image_config and response_format.image may be set."))
    asked = _message(new if old is None else old)
    size_name = str(asked.get("image_size", "1K"))
    if size_name not in model.sizes or ("image_size" in asked and not model.takes_image_size):
        raise Refused(Refusal(400, f"Image size {size_name} is not supported by models/{model.name}."))
    fallback = model.nearest_ratio(size_of(sources[-1])) if sources else "1:1"
    ratio = str(asked.get("aspect_ratio") or fallback)
    if ratio not in model.sizes[size_name]:
        offered = ", ".join(model.sizes[size_name])
        raise Refused(
            Refusal(400, f"Aspect ratio {ratio} is not supported. Supported aspect ratios: {offered}.")
        )
    return ratio, size_name
