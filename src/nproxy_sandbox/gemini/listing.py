"""The listing of models, in pages."""

from __future__ import annotations

from collections.abc import Mapping

from nproxy_sandbox.gemini.errors import Refusal, Refused
from nproxy_sandbox.gemini.models import MODELS, Model

PAGE_SIZE = 50
PAGE_SIZE_LIMIT = 1000


def model_resource(model: Model) -> dict[str, object]:
    """One model as Google describes it."""
    return {
        "name": f"models/{model.name}",
        "version": model.version,
        "displayName": model.title,
        "description": f"{model.title}: draws and edits images.",
        "inputTokenLimit": 131072,
        "outputTokenLimit": 32768,
        "supportedGenerationMethods": ["generateContent", "countTokens", "batchGenerateContent"],
        "temperature": 1,
        "topP": 0.95,
        "topK": 64,
        "maxTemperature": 2,
        "thinking": bool(model.thinking_levels),
    }


def model_page(query: Mapping[str, str]) -> dict[str, object]:
    """The page that `pageSize` and `pageToken` ask for. Raises Refused for values that are none."""
    size = min(_number(query, "pageSize") or PAGE_SIZE, PAGE_SIZE_LIMIT)
    start = _number(query, "pageToken")
    models = [model_resource(model) for model in MODELS.values()]
    page: dict[str, object] = {"models": models[start : start + size]}
    if start + size < len(models):
        page["nextPageToken"] = str(start + size)
    return page


def _number(query: Mapping[str, str], name: str) -> int:
    text = query.get(name) or "0"
    if not text.isdecimal():
        raise Refused(Refusal(400, f"Invalid {name}."))
    return int(text)
