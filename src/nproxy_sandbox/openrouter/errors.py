"""OpenRouter's error envelope, and the refusals that a well-meant but wrong request meets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

Facts = Mapping[str, object]


@dataclass(frozen=True)
class Refusal:
    """An error answer. `kind` is the stable `metadata.error_type`, "" where the wire has none."""

    code: int
    message: str
    kind: str = ""
    metadata: Facts = field(default_factory=dict)
    availability: Facts = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def envelope(self) -> dict[str, object]:
        """The body as OpenRouter words it."""
        error: dict[str, object] = {"code": self.code, "message": self.message}
        metadata = {**({"error_type": self.kind} if self.kind else {}), **self.metadata}
        if metadata:
            error["metadata"] = metadata
        if self.availability:
            error["availability"] = dict(self.availability)
        return {"error": error, "user_id": "user_2sandbox"}

    def response(self) -> web.Response:
        """The envelope as an HTTP answer."""
        return web.json_response(self.envelope(), status=self.code, headers=self.headers)


class Refused(Exception):
    """The request is answered by `refusal`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def invalid(message: str) -> Refusal:
    """A request that is wrong whoever sends it."""
    return Refusal(400, message, "invalid_request")


def no_such_model(name: str) -> Refusal:
    """A model that OpenRouter does not have."""
    availability = {"code": "model_not_found", "retryable": False}
    return Refusal(404, f"No endpoints found for {name}.", "not_found", availability=availability)


def unavailable(code: int, reason: str, message: str, *, retryable: bool = False) -> Refusal:
    """A model that is there, but not for this request."""
    return Refusal(code, message, availability={"code": reason, "retryable": retryable})


NO_KEY = Refusal(401, "No auth credentials found", "authentication")
NOT_MANAGEMENT = Refusal(403, "Only management keys can fetch credits for an account", "permission_denied")
BAD_PICTURE = Refusal(400, "input_references: the image could not be decoded", "invalid_image")
TOO_LARGE = Refusal(413, "Request body is too large", "payload_too_large")
