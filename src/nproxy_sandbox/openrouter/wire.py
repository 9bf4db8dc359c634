"""From the bytes of an images request to a wish, as strictly as our own mistakes deserve."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass

from nproxy_sandbox.drawing.remake import BadSource, size_of
from nproxy_sandbox.gemini.models import MODELS, Model, Size
from nproxy_sandbox.openrouter.errors import BAD_PICTURE, Refusal, Refused, invalid, no_such_model

AUTHOR = "google/"
FIELDS = frozenset(
    {
        *("model", "prompt", "n", "resolution", "aspect_ratio", "size", "seed", "quality", "background"),
        *("output_format", "output_compression", "stream", "session_id", "trace", "user", "provider"),
        "input_references",
    }
)
LONGEST_USER = 256
_DATA_URL = re.compile(r"data:image/(?:png|jpeg|webp);base64,(?P<data>.*)", re.DOTALL)

Message = dict[str, object]


@dataclass(frozen=True)
class Wish:
    """A valid request."""

    model: Model
    prompt: str
    ratio: str
    size_name: str
    size: Size
    sources: tuple[bytes, ...]
    user: str


def decoded(raw: bytes) -> Message:
    """The request's JSON object. Raises Refused."""
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(invalid("The request body is no JSON object"))
    return body


def read_wish(body: Message) -> Wish:
    """What the request asks for. Raises Refused."""
    unknown = sorted(body.keys() - FIELDS)
    if unknown:
        raise Refused(invalid(f"Unrecognized key(s): {', '.join(unknown)}"))
    model = find_model(str(body.get("model", "")))
    prompt, user = body.get("prompt"), body.get("user", "")
    if not isinstance(prompt, str) or not prompt.strip():
        raise Refused(invalid("prompt: required"))
    if not isinstance(user, str) or len(user) > LONGEST_USER:
        raise Refused(invalid(f"user: a string of at most {LONGEST_USER} characters"))
    if body.get("n", 1) != 1:
        raise Refused(invalid("n: must be 1 for this model"))
    if "size" in body and body.keys() & {"resolution", "aspect_ratio"}:
        raise Refused(invalid("size: conflicts with resolution and aspect_ratio"))
    sources = _sources(body.get("input_references", []), model)
    size_name = str(body.get("resolution", "1K"))
    if size_name not in model.sizes:
        raise Refused(invalid(f"resolution: {size_name} is not one of {', '.join(model.sizes)}"))
    ratio = str(body.get("aspect_ratio") or (model.nearest_ratio(size_of(sources[-1])) if sources else "1:1"))
    if ratio not in model.sizes[size_name]:
        raise Refused(invalid(f"aspect_ratio: {ratio} is not supported"))
    return Wish(model, prompt, ratio, size_name, model.sizes[size_name][ratio], sources, user)


def find_model(name: str) -> Model:
    """The model by OpenRouter's name for it. Raises Refused."""
    model = MODELS.get(name.removeprefix(AUTHOR))
    if model is None or not name.startswith(AUTHOR):
        raise Refused(no_such_model(name))
    return model


def _sources(references: object, model: Model) -> tuple[bytes, ...]:
    if not isinstance(references, list):
        raise Refused(invalid("input_references: must be a list"))
    if len(references) > model.sources:
        raise Refused(invalid(f"input_references: at most {model.sources}"))
    return tuple(_source(reference) for reference in references)


def _source(reference: object) -> bytes:
    match reference:
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            found = _DATA_URL.fullmatch(url)
        case _:
            raise Refused(
                invalid('input_references: {"type": "image_url", "image_url": {"url": …}} expected')
            )
    if found is None:
        raise Refused(Refusal(400, "The image could not be fetched", "image_download_failed"))
    try:
        data = base64.b64decode(found["data"], validate=True)
        size_of(data)
    except (binascii.Error, BadSource):
        raise Refused(BAD_PICTURE) from None
    return data
