"""The request's fields as the proto names them: Google refuses every name that is not among them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from nproxy_sandbox.gemini.errors import Refusal, Refused, invalid_value, unknown_name

# A message is a table of its fields. None: whatever is inside is not looked at.
Fields = Mapping[str, "Fields | None"]

BLOB: Fields = dict.fromkeys(("mime_type", "data"))
FILE: Fields = dict.fromkeys(("mime_type", "file_uri"))
IMAGE: Fields = dict.fromkeys(("aspect_ratio", "image_size"))
PART: Fields = {
    **dict.fromkeys(("text", "thought", "thought_signature", "function_call", "function_response")),
    **dict.fromkeys(("executable_code", "code_execution_result", "video_metadata", "media_resolution")),
    "part_metadata": None,
    "inline_data": BLOB,
    "file_data": FILE,
}
CONTENT: Fields = {"role": None, "parts": PART}
GENERATION_CONFIG: Fields = {
    **dict.fromkeys(
        ("stop_sequences", "candidate_count", "max_output_tokens", "temperature", "top_p", "top_k")
    ),
    **dict.fromkeys(("seed", "presence_penalty", "frequency_penalty", "response_logprobs", "logprobs")),
    **dict.fromkeys(
        ("response_mime_type", "response_schema", "response_json_schema", "_response_json_schema")
    ),
    **dict.fromkeys(
        ("response_modalities", "speech_config", "media_resolution", "enable_enhanced_civic_answers")
    ),
    "thinking_config": dict.fromkeys(("include_thoughts", "thinking_budget", "thinking_level")),
    "image_config": IMAGE,
    "response_format": {"image": IMAGE, "text": None, "audio": None},
}
REQUEST: Fields = {
    **dict.fromkeys(("model", "tools", "tool_config", "cached_content", "service_tier", "store")),
    "contents": CONTENT,
    "system_instruction": CONTENT,
    "generation_config": GENERATION_CONFIG,
    "safety_settings": dict.fromkeys(("category", "threshold")),
}

_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


def normalised(body: object) -> dict[str, object]:
    """The request with snake_case names throughout. Raises Refused for what is not in the schema.

    Proto JSON takes both spellings: `inlineData` and `inline_data` are one field.
    """
    if not isinstance(body, dict):
        raise Refused(Refusal(400, "Invalid JSON payload received. Expected an object."))
    return _message(body, REQUEST, "")


def _message(message: dict[str, object], fields: Fields, place: str) -> dict[str, object]:
    clean: dict[str, object] = {}
    for name, value in message.items():
        field = _HUMP.sub(r"_\1", name).lower() if name not in fields else name
        if field not in fields:
            raise Refused(unknown_name(name, place))
        if value is not None:
            clean[field] = _value(value, fields[field], f"{place}.{field}".lstrip("."))
    return clean


def _value(value: object, fields: Fields | None, place: str) -> object:
    if fields is None:
        return value
    if isinstance(value, list):
        return [_value(item, fields, f"{place}[{index}]") for index, item in enumerate(value)]
    if not isinstance(value, dict):
        raise Refused(invalid_value(place, "message", value))
    return _message(cast(dict[str, object], value), fields, place)
