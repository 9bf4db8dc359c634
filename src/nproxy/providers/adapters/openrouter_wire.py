"""OpenRouter's bodies, typed: the images request and its answer, a key's state, the list of models."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from nproxy.kit.money import MICRO
from nproxy.providers.adapters.calls import words
from nproxy.providers.adapters.pictures import Strings, picture_in, set_aside
from nproxy.providers.rules import AUTO, DrawRequest
from nproxy.providers.rules.balance import Balance
from nproxy.providers.rules.drawing import SourceImage
from nproxy.providers.rules.openrouter_error import OpenRouterError, described
from nproxy.providers.rules.prices import Usage


def encode(request: DrawRequest, model: str) -> bytes:
    """The request's body. No ratio is sent for `auto`: the output follows the last source."""
    body: dict[str, object] = {
        "model": model,
        "prompt": words(request),
        "n": 1,
        "resolution": request.resolution,
    }
    if request.aspect_ratio != AUTO:
        body["aspect_ratio"] = request.aspect_ratio
    if request.sources:
        body["input_references"] = [_reference(source) for source in request.sources]
    if request.user:
        body["user"] = request.user
    return msgspec.json.encode(body)


def _reference(source: SourceImage) -> dict[str, object]:
    quoted = b'"data:%s;base64,%s"' % (source.media_type.encode(), base64.b64encode(source.data))
    return {"type": "image_url", "image_url": {"url": Raw(quoted)}}


NOTHING = Raw(b"null")


class Item(Struct):
    """One picture; an address in its place is known but never fetched."""

    b64_json: Raw = NOTHING
    url: str | None = None


Count = Annotated[int, Meta(ge=0, le=10**9)] | None
Cost = Annotated[float, Meta(ge=0, le=10**6)] | None
Money = Annotated[float, Meta(ge=-(10**9), le=10**9)] | None


class CompletionDetails(Struct):
    image_tokens: Count = None


class UsageIn(Struct):
    prompt_tokens: Count = None
    completion_tokens: Count = None
    completion_tokens_details: CompletionDetails | None = None
    cost: Cost = None


class Body(Struct):
    """What is in it stays as written until its turn: a garbled part must not spoil the others."""

    data: list[Raw] | None = None
    usage: Raw = NOTHING
    error: Raw = NOTHING


class Budget(Struct):
    remaining_usd: Money = None
    resets_at: datetime | None = None


class KeyState(Struct):
    limit_remaining: Money = None
    effective_budget: Budget | None = None


class State(Struct):
    data: KeyState


class Listed(Struct):
    id: str


class Models(Struct):
    data: list[Listed]


_body = msgspec.json.Decoder(Body)
_item = msgspec.json.Decoder(Item)
_bill = msgspec.json.Decoder(UsageIn | None)
_state = msgspec.json.Decoder(State)
_models = msgspec.json.Decoder(Models)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A 200, read. `note` says what there is in place of a picture, `error` the error that came instead."""

    image: bytes | None = field(repr=False)
    note: str
    error: OpenRouterError | None
    usage: Usage | None
    cost_microusd: int | None


def decode(body: bytes | bytearray) -> Drawing:
    """Read a 200. Raises `msgspec.DecodeError` when it is no JSON, `msgspec.ValidationError` (a kind of it)
    when it is of another shape."""
    text, strings = set_aside(body, b"b64_json")
    answer = _body.decode(text)
    error = msgspec.json.decode(answer.error)
    image, note = _image(answer.data or [], strings)
    usage, cost_microusd = _usage(answer.usage)
    return Drawing(image, note, None if error is None else described(error), usage, cost_microusd)


def _image(items: list[Raw], strings: Strings) -> tuple[bytes | None, str]:
    """The last item that is a picture, else why there is none."""
    note = "no data"
    for raw in reversed(items):
        try:
            item = _item.decode(raw)
        except msgspec.DecodeError:
            note = "the item has an unknown shape"
            continue
        if item.b64_json == NOTHING:
            note = "the item has no picture"
            continue
        image, note = picture_in(item.b64_json, strings)
        if image is not None:
            return image, ""
    return None, note


def _usage(raw: Raw) -> tuple[Usage | None, int | None]:
    """Tokens, and millionths of a USD; a picture is not lost because its bill is odd."""
    try:
        usage = _bill.decode(raw)
    except msgspec.DecodeError:
        return None, None
    if usage is None:
        return None, None
    drawn = usage.completion_tokens or 0
    details = usage.completion_tokens_details
    # Without the split all of it is the image's.
    image = drawn if details is None or details.image_tokens is None else details.image_tokens
    tokens = Usage(prompt=usage.prompt_tokens or 0, text=max(drawn - image, 0), image=image)
    return tokens, _micro(usage.cost)


def read_balance(body: bytes | bytearray) -> Balance:
    """What a key may still spend: the tighter of its own limit and the budget above it; without either it is
    unknown, however much money the account has. Raises `msgspec.DecodeError`."""
    state = _state.decode(body).data
    budget = state.effective_budget or Budget()
    if budget.remaining_usd is None:
        return Balance(_micro(state.limit_remaining))
    if state.limit_remaining is not None and state.limit_remaining < budget.remaining_usd:
        return Balance(_micro(state.limit_remaining))
    return Balance(_micro(budget.remaining_usd), budget.resets_at)


def _micro(usd: float | None) -> int | None:
    return None if usd is None else round(usd * MICRO)


def model_names(body: bytes | bytearray) -> list[str]:
    """The ids in a models listing. Raises `msgspec.DecodeError`."""
    return [model.id for model in _models.decode(body).data]
