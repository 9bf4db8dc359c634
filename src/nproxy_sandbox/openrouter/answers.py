"""Bodies of a 200: the picture, and all that can stand in its place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import msgspec

from nproxy_sandbox.drawing.painter import Commission
from nproxy_sandbox.drawing.studio import Picture, Studio
from nproxy_sandbox.gemini.answers import MEDIA_TYPES
from nproxy_sandbox.openrouter.wire import Wish

Body = dict[str, object]

CREATED = 1_779_000_000
# USD per token: what is asked, what is drawn.
PROMPT_PRICE, IMAGE_PRICE = 1.5e-6, 30e-6


@dataclass
class Drawing:
    """A wish on the easel: nothing is painted until `picture` is awaited. `last` is what was painted."""

    wish: Wish
    studio: Studio
    commission: Commission
    trap: str
    last: Picture | None = None

    async def picture(self, file_format: str = "") -> Picture:
        """The picture, in the model's own format unless another is given."""
        wanted = replace(self.commission, format=file_format or self.commission.format)
        self.last = await self.studio.paint(wanted)
        return self.last

    async def item(self, file_format: str = "", media_type: str = "") -> Body:
        """The picture as an item of `data`, its media_type true unless `media_type` lies."""
        picture = await self.picture(file_format)
        return {
            "b64_json": msgspec.Raw(picture.quoted),
            "media_type": media_type or MEDIA_TYPES[picture.format],
        }


@dataclass(frozen=True)
class Oddity:
    """`compose` makes the body of the 200. `is_unbilled`: no picture, no money."""

    name: str
    says: str
    compose: Callable[[Drawing], Awaitable[Body]]
    is_unbilled: bool = True


def cost(wish: Wish) -> float:
    """USD for one picture."""
    prompt = max(1, len(wish.prompt) // 4) + len(wish.sources) * wish.model.source_tokens
    return round(prompt * PROMPT_PRICE + wish.model.image_tokens[wish.size_name] * IMAGE_PRICE, 8)


def answer(drawing: Drawing, data: object, *, is_billed: bool = True) -> Body:
    """The 200 around `data`."""
    tokens = drawing.wish.model.image_tokens[drawing.wish.size_name] if is_billed else 0
    usage: Body = {
        "prompt_tokens": max(1, len(drawing.wish.prompt) // 4),
        "completion_tokens": tokens,
        "total_tokens": max(1, len(drawing.wish.prompt) // 4) + tokens,
        "cost": cost(drawing.wish) if is_billed else 0,
        "is_byok": False,
        "completion_tokens_details": {"image_tokens": tokens},
        "cost_details": {},
    }
    return {"created": CREATED, "data": data, "usage": usage}


async def _honest(drawing: Drawing) -> Body:
    return answer(drawing, [await drawing.item()])


HONEST = Oddity("", "a good answer", _honest, is_unbilled=False)


def _picture(name: str, says: str, file_format: str = "", media_type: str = "") -> Oddity:
    async def compose(drawing: Drawing) -> Body:
        return answer(drawing, [await drawing.item(file_format, media_type)])

    return Oddity(name, says, compose, is_unbilled=False)


def _data(name: str, says: str, data: object) -> Oddity:
    async def compose(drawing: Drawing) -> Body:
        return answer(drawing, data, is_billed=False)

    return Oddity(name, says, compose)


def _item(name: str, says: str, data: object) -> Oddity:
    return _data(name, says, [{"b64_json": data, "media_type": "image/jpeg"}])


def _error(name: str, code: object, kind: str, message: str) -> Oddity:
    async def compose(_: Drawing) -> Body:
        return {"error": {"code": code, "message": message, "metadata": {"error_type": kind}}}

    return Oddity(name, f"200 with an error in it: {code} {kind}", compose)


async def _no_media_type(drawing: Drawing) -> Body:
    item = await drawing.item()
    del item["media_type"]
    return answer(drawing, [item])


async def _no_usage(drawing: Drawing) -> Body:
    body = await _honest(drawing)
    del body["usage"]
    return body


async def _two_pictures(drawing: Drawing) -> Body:
    return answer(drawing, [{"b64_json": "%%%"}, await drawing.item()])


async def _cut_picture(drawing: Drawing) -> Body:
    picture = await drawing.picture()
    return answer(drawing, [{"b64_json": picture.data[: len(picture.data) // 3]}])


async def _address(drawing: Drawing) -> Body:
    return answer(drawing, [{"url": drawing.trap}], is_billed=False)


ODDITIES = (
    _picture("mislabelled", "a JPEG that says image/png", "JPEG", "image/png"),
    _picture("png", "a PNG, rightly labelled", "PNG"),
    Oddity("no_media_type", "a picture without media_type", _no_media_type, is_unbilled=False),
    Oddity("no_usage", "a picture without usage", _no_usage, is_unbilled=False),
    Oddity("two_pictures", "a garbled picture, then a good one", _two_pictures, is_unbilled=False),
    Oddity("cut_picture", "a picture that ends after a third of its bytes", _cut_picture),
    Oddity("address", "an address in place of the picture; fetching it is noted in the log", _address),
    _data("empty_data", "200 with an empty list", []),
    _data("null_data", "200 with data: null", None),
    _data("wrong_types", "200 whose data is a string", "soon"),
    _item("garbage_base64", "data that is no base64", "%%% this is no base64 %%%"),
    _item("not_a_picture", "good base64 of bytes that are no picture", b"<html>no picture</html>" * 40),
    _item("empty_picture", "a picture of no bytes", ""),
    _item("null_picture", "b64_json: null", None),
    _error("error_200", 502, "provider_unavailable", "Provider returned an error"),
    _error("policy_200", 400, "content_policy_violation", "The request was rejected by the safety system."),
    _error("odd_error_200", "soon", "unmapped", "Something went wrong"),
)
