"""Answers of 200 that are not simply a picture, a row each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import msgspec

from nproxy_sandbox.drawing.painter import Commission
from nproxy_sandbox.drawing.studio import Picture, Studio
from nproxy_sandbox.gemini.answers import (
    MEDIA_TYPES,
    SIGNATURE,
    Body,
    Part,
    Setting,
    blocked,
    drawn,
    envelope,
    picture_part,
    undrawn,
    usage,
)


@dataclass
class Drawing:
    """A wish on the easel: nothing is painted until `picture` is awaited. `last` is what was painted last."""

    setting: Setting
    studio: Studio
    commission: Commission
    trap: str
    last: Picture | None = None

    async def picture(self, file_format: str = "", prompt: str = "") -> Picture:
        """The picture, in the model's own format unless another is given."""
        wanted = replace(
            self.commission,
            format=file_format or self.commission.format,
            prompt=prompt or self.commission.prompt,
        )
        self.last = await self.studio.paint(wanted)
        return self.last

    async def part(self, file_format: str = "", media_type: str = "", **more: object) -> Part:
        """The picture as a part, its mimeType true unless `media_type` lies."""
        return as_part(await self.picture(file_format), media_type, **more)


def as_part(picture: Picture, media_type: str = "", **more: object) -> Part:
    """The picture as a part of an answer."""
    return picture_part(msgspec.Raw(picture.quoted), media_type or MEDIA_TYPES[picture.format], **more)


@dataclass(frozen=True)
class Oddity:
    """`compose` makes the body of the 200."""

    name: str
    says: str
    compose: Callable[[Drawing], Awaitable[Body]]


async def _honest(drawing: Drawing) -> Body:
    """What is expected: the picture, and before it the thoughts, if they were asked for."""
    thoughts = await _thoughts(drawing) if drawing.setting.wish.with_thoughts else []
    return drawn(drawing.setting, [*thoughts, await drawing.part(thoughtSignature=SIGNATURE)])


HONEST = Oddity("", "a good answer", _honest)


async def _thoughts(drawing: Drawing) -> list[Part]:
    interim = await drawing.picture(prompt=f"interim: {drawing.commission.prompt}")
    return [
        {"text": "**Composing the scene**\n\nI lay out shapes and light.", "thought": True},
        as_part(interim, thought=True),
    ]


async def _thought_first(drawing: Drawing) -> Body:
    return drawn(drawing.setting, [*await _thoughts(drawing), await drawing.part(thoughtSignature=SIGNATURE)])


async def _thought_only(drawing: Drawing) -> Body:
    return drawn(drawing.setting, [*await _thoughts(drawing), await drawing.part(thought=True)])


async def _two_pictures(drawing: Drawing) -> Body:
    first = await drawing.picture(prompt=f"draft: {drawing.commission.prompt}")
    return drawn(drawing.setting, [as_part(first), await drawing.part()])


async def _snake_case(drawing: Drawing) -> Body:
    picture = await drawing.picture()
    blob = {"mime_type": MEDIA_TYPES[picture.format], "data": msgspec.Raw(picture.quoted)}
    return drawn(drawing.setting, [{"inline_data": blob}])


async def _file_address(drawing: Drawing) -> Body:
    return drawn(drawing.setting, [{"fileData": {"mimeType": "image/jpeg", "fileUri": drawing.trap}}])


async def _cut_picture(drawing: Drawing) -> Body:
    picture = await drawing.picture()
    return drawn(
        drawing.setting, [picture_part(picture.data[: len(picture.data) // 3], MEDIA_TYPES[picture.format])]
    )


async def _policy_with_picture(drawing: Drawing) -> Body:
    return drawn(drawing.setting, [await drawing.part()], "IMAGE_SAFETY")


async def _rerouted(drawing: Drawing) -> Body:
    return {**await _honest(drawing), "modelVersion": "gemini-3.1-flash-image"}


async def _without_usage(drawing: Drawing) -> Body:
    body = await _honest(drawing)
    del body["usageMetadata"]
    return body


async def _unfinished_picture(drawing: Drawing) -> Body:
    return drawn(drawing.setting, [await drawing.part()], finish_reason=None)


def _part_row(name: str, says: str, file_format: str = "", media_type: str = "") -> Oddity:
    async def compose(drawing: Drawing) -> Body:
        return drawn(drawing.setting, [await drawing.part(file_format, media_type)])

    return Oddity(name, says, compose)


def _data_row(name: str, says: str, data: object, media_type: str = "image/jpeg") -> Oddity:
    async def compose(drawing: Drawing) -> Body:
        return drawn(drawing.setting, [{"inlineData": {"mimeType": media_type, "data": data}}])

    return Oddity(name, says, compose)


def _finish_row(reason: str, message: str = "") -> Oddity:
    async def compose(drawing: Drawing) -> Body:
        return undrawn(drawing.setting, reason, message)

    return Oddity(reason, f"200, finishReason {reason}, no picture", compose)


def _text_row(name: str, says: str, text: str) -> Oddity:
    async def compose(drawing: Drawing) -> Body:
        return undrawn(drawing.setting, "STOP", text=text)

    return Oddity(name, says, compose)


def _block_row(reason: str) -> Oddity:
    async def compose(drawing: Drawing) -> Body:
        return blocked(drawing.setting, reason)

    return Oddity(f"prompt_{reason}", f"200, promptFeedback.blockReason {reason}, no candidates", compose)


def _shell_row(name: str, says: str, **members: object) -> Oddity:
    async def compose(drawing: Drawing) -> Body:
        return envelope(drawing.setting, usage(drawing.setting, 0), **members)

    return Oddity(name, says, compose)


SUPPORT_CODE = (
    "Unable to show the generated image. The image was filtered out because it violated Google's policies. "
    "If you think this was an error, send feedback. Support codes: 15236754"
)
FINISH_REASONS = (
    *(
        "MAX_TOKENS",
        "SAFETY",
        "PROHIBITED_CONTENT",
        "BLOCKLIST",
        "SPII",
        "LANGUAGE",
        "RECITATION",
        "IMAGE_RECITATION",
    ),
    *(
        "NO_IMAGE",
        "IMAGE_OTHER",
        "OTHER",
        "MALFORMED_RESPONSE",
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
    ),
    *("TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE", "ESCALATION", "PUP_LIMITED_DISABLED"),
    *("FINISH_REASON_UNSPECIFIED", "IMAGE_OF_A_NEW_KIND"),
)
BLOCK_REASONS = (
    "SAFETY",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "IMAGE_SAFETY",
    "MODEL_ARMOR",
    "JAILBREAK",
)

WITHOUT_PICTURE = (
    *map(_finish_row, FINISH_REASONS),
    _finish_row("IMAGE_SAFETY", SUPPORT_CODE),
    _finish_row("IMAGE_PROHIBITED_CONTENT", SUPPORT_CODE),
    *map(_block_row, BLOCK_REASONS),
    _text_row("text_only", "200 STOP with a text and no picture", "Here is the picture you asked for."),
    _text_row(
        "text_refusal",
        "200 STOP with a refusal in words",
        "I'm unable to create images of that kind. Would you like something else?",
    ),
    _shell_row("empty_candidates", "200 with an empty list of candidates", candidates=[]),
    _shell_row("no_candidates", "200 without candidates or feedback"),
    _shell_row(
        "no_content",
        "200 STOP whose candidate has no content",
        candidates=[{"finishReason": "STOP", "index": 0}],
    ),
    _shell_row(
        "no_parts",
        "200 STOP whose content has no parts",
        candidates=[{"content": {"role": "model"}, "finishReason": "STOP"}],
    ),
    _shell_row(
        "null_parts",
        "200 STOP with parts: null",
        candidates=[{"content": {"parts": None}, "finishReason": "STOP"}],
    ),
    _shell_row(
        "no_finish_reason", "200 whose candidate has neither reason nor content", candidates=[{"index": 0}]
    ),
    _shell_row("wrong_types", "200 whose candidates are a string", candidates="soon"),
)

WITH_PICTURE = (
    _part_row("mislabelled", "a JPEG that says image/png", "JPEG", "image/png"),
    _part_row("png", "a PNG, rightly labelled", "PNG"),
    _part_row("webp", "a WebP, rightly labelled", "WEBP"),
    _part_row("gif", "a GIF: a picture of a kind that is not served", "GIF"),
    _part_row("wrong_mime", "a JPEG that says text/plain", "JPEG", "text/plain"),
    Oddity("thought_first", "a thought and an interim picture before the final one", _thought_first),
    Oddity("thought_only", "the final picture flagged as a thought", _thought_only),
    Oddity("two_pictures", "two pictures: the last one counts", _two_pictures),
    Oddity("snake_case", "inline_data in snake_case", _snake_case),
    Oddity(
        "file_address", "an address in place of the picture; fetching it is noted in the log", _file_address
    ),
    Oddity("cut_picture", "a picture that ends after a third of its bytes", _cut_picture),
    Oddity("policy_with_picture", "a picture together with finishReason IMAGE_SAFETY", _policy_with_picture),
    Oddity("no_finish_reason_picture", "a picture without finishReason", _unfinished_picture),
    Oddity("rerouted", "a picture drawn by another model than asked (modelVersion)", _rerouted),
    Oddity("no_usage", "a picture without usageMetadata", _without_usage),
    _data_row("garbage_base64", "data that is no base64", "%%% this is no base64 %%%"),
    _data_row(
        "not_a_picture", "good base64 of bytes that are no picture", b"<html>not a picture</html>" * 40
    ),
    _data_row(
        "svg",
        "an SVG that says image/jpeg",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
    ),
    _data_row("empty_picture", "a picture of no bytes", ""),
    _data_row("null_picture", "data: null", None),
)
